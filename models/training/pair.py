"""The exported pair (ONNX, one thread) as the labelling steps use it; `npm run evaluate` measures it."""
import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from train_detector import nms

MODELS = Path(__file__).parents[1]


def session(path: Path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])


class Pair:
    """Detector and reader as the program uses them."""

    def __init__(self, manifest_path: Path = MODELS / 'manifest.json'):
        self.manifest = json.loads(manifest_path.read_text())
        self.d, self.r = self.manifest['detector'], self.manifest['reader']
        self.detector = session(manifest_path.parent / self.d['onnx']['file'])
        self.reader = session(manifest_path.parent / self.r['onnx']['file'])

    def find(self, luma, threshold=None):
        """uint8 [h,w] -> boxes [n,5] (x1,y1,x2,y2,score) in its pixels, best first."""
        size = self.d['input']
        h, w = luma.shape
        scale = min(size['width'] / w, size['height'] / h)
        sw, sh = max(1, round(w * scale)), max(1, round(h * scale))
        canvas = np.full((size['height'], size['width']), size['pad'], np.float32)
        canvas[:sh, :sw] = cv2.resize(luma, (sw, sh), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        boxes = self.detector.run(None, {size['name']: canvas[None, None]})[0][0]
        found = nms(boxes, self.d['scoreThreshold'] if threshold is None else threshold, self.d['nmsIou'])
        found[:, [0, 2]] *= w / sw
        found[:, [1, 3]] *= h / sh
        return found

    def crop(self, rgb, box):
        """The box grown by the margin, resized without keeping its aspect; outside the image the edge is repeated."""
        size = self.r['input']
        x1, y1, x2, y2 = box[:4]
        gx, gy = (x2 - x1) * size['margin']['x'], (y2 - y1) * size['margin']['y']
        x1, x2, y1, y2 = x1 - gx, x2 + gx, y1 - gy, y2 + gy
        fx, fy = (x2 - x1) / size['width'], (y2 - y1) / size['height']
        if max(fx, fy) > 1:  # Shrinking: averaged over the area, or thin strokes break.
            left, top = int(np.floor(x1)), int(np.floor(y1))
            right, bottom = max(left + 2, int(np.ceil(x2))), max(top + 2, int(np.ceil(y2)))
            h, w = rgb.shape[:2]
            part = rgb[np.clip(np.arange(top, bottom), 0, h - 1)][:, np.clip(np.arange(left, right), 0, w - 1)]
            return cv2.resize(part, (size['width'], size['height']), interpolation=cv2.INTER_AREA)
        m = np.array([[fx, 0, x1 + fx / 2 - 0.5], [0, fy, y1 + fy / 2 - 0.5]], np.float32)
        return cv2.warpAffine(rgb, m, (size['width'], size['height']), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)

    def read(self, plate):
        """RGB uint8 [64,160,3] -> text, sum of log probabilities of its characters, state, probability of the state."""
        x = plate.astype(np.float32).transpose(2, 0, 1)[None]
        chars, state = self.reader.run(['chars', 'state'], {self.r['input']['name']: x})
        text, log_p = best_path(chars[0], self.r['alphabet'])
        k = int(state[0].argmax())
        return text, log_p, self.r['states'][k], float(state[0][k])


def runs_of(probabilities):
    """[T,A] -> one column [A] per character of the best path: the most certain of its run."""
    runs, last = [], 0
    for row, k in zip(probabilities, probabilities.argmax(1)):
        if k and k != last:
            runs.append(row)
        elif k and row[k] > runs[-1][k]:
            runs[-1] = row
        last = k
    return runs


def best_path(probabilities, alphabet):
    """[T,A] -> text, and the sum over its characters of the log of the most certain column of each."""
    runs = runs_of(probabilities)
    text = ''.join(alphabet[row.argmax()] for row in runs)
    return text, sum(float(np.log(row.max() + 1e-9)) for row in runs) if runs else -20.0


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        row, last = [i + 1], row
        for j, y in enumerate(b):
            row.append(min(last[j + 1] + 1, row[j] + 1, last[j] + (x != y)))
    return row[-1]


def calibration_error(confidences, right, bins=10):
    """Expected calibration error over equal-width bins (Guo et al. 2017)."""
    c, r = np.array(confidences), np.array(right, float)
    if not len(c):
        return float('nan')
    which = np.minimum((c * bins).astype(int), bins - 1)
    return float(sum(abs(c[which == k].mean() - r[which == k].mean()) * (which == k).mean() for k in range(bins) if (which == k).any()))
