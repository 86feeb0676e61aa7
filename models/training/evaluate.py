"""Measures the exported pair (ONNX, one thread) on folders of labelled scenes: `python evaluate.py --data shared/data/validation`.

Prints, per set: whole plate right (strict; with 0=O and 1=I merged; edit distance <= 1) over the plates with a text, detection
recall at IoU >= 0.5, found boxes that touch no label per image, median milliseconds of each network, and the expected calibration error.
"""
import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from cache import read_set
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
        self.detector_ms, self.reader_ms = [], []

    def find(self, luma, threshold=None):
        """uint8 [h,w] -> boxes [n,5] (x1,y1,x2,y2,score) in its pixels, best first."""
        size = self.d['input']
        h, w = luma.shape
        scale = min(size['width'] / w, size['height'] / h)
        sw, sh = max(1, round(w * scale)), max(1, round(h * scale))
        canvas = np.full((size['height'], size['width']), size['pad'], np.float32)
        canvas[:sh, :sw] = cv2.resize(luma, (sw, sh), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        started = time.perf_counter()
        boxes = self.detector.run(None, {size['name']: canvas[None, None]})[0][0]
        self.detector_ms.append((time.perf_counter() - started) * 1000)
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
        started = time.perf_counter()
        chars, state = self.reader.run(['chars', 'state'], {self.r['input']['name']: x})
        self.reader_ms.append((time.perf_counter() - started) * 1000)
        text, log_p = best_path(chars[0], self.r['alphabet'])
        k = int(state[0].argmax())
        layouts = self.r.get('layouts', {}).get(self.r['states'][k])
        if layouts and state[0][k] > 0.5:
            text, log_p = fit_layout(chars[0], self.r['alphabet'], layouts, self.r['layoutSlack']) or (text, log_p)
        return text, log_p, self.r['states'][k], float(state[0][k])

    def confidence(self, log_p):
        c = self.r['calibration']
        return 1 / (1 + np.exp(-(c['a'] * log_p + c['b'])))


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


def fit_layout(probabilities, alphabet, layouts, slack):
    """The likeliest text in one of `layouts` (9 = digit, A = letter), unless it costs `slack` nats more than the best path: None."""
    runs, best = runs_of(probabilities), None
    digit = np.array([c.isdigit() for c in alphabet])
    letter = np.array([c.isalpha() for c in alphabet])
    for layout in layouts:
        if len(layout) != len(runs):
            continue
        allowed = [np.where(digit if kind == '9' else letter, row, 0) for kind, row in zip(layout, runs)]
        log_p = sum(float(np.log(row.max() + 1e-9)) for row in allowed)
        if best is None or log_p > best[1]:
            best = ''.join(alphabet[row.argmax()] for row in allowed), log_p
    free = sum(float(np.log(row.max() + 1e-9)) for row in runs)
    return best if best and free - best[1] < slack else None


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        row, last = [i + 1], row
        for j, y in enumerate(b):
            row.append(min(last[j + 1] + 1, row[j] + 1, last[j] + (x != y)))
    return row[-1]


def merged(text):
    return text.replace('O', '0').replace('I', '1')


def iou(box, truth):
    """box x1,y1,x2,y2; truth x,y,w,h."""
    x, y, w, h = truth[:4]
    iw, ih = min(box[2], x + w) - max(box[0], x), min(box[3], y + h) - max(box[1], y)
    inter = max(iw, 0) * max(ih, 0)
    return inter / ((box[2] - box[0]) * (box[3] - box[1]) + w * h - inter)


def calibration_error(confidences, right, bins=10):
    """Expected calibration error over equal-width bins (Guo et al. 2017)."""
    c, r = np.array(confidences), np.array(right, float)
    if not len(c):
        return float('nan')
    which = np.minimum((c * bins).astype(int), bins - 1)
    return float(sum(abs(c[which == k].mean() - r[which == k].mean()) * (which == k).mean() for k in range(bins) if (which == k).any()))


def measure(pair: Pair, folder: Path, verbose=False):
    counts = dict(images=0, boxes=0, found=0, loose=0, false=0, texts=0, strict=0, merged=0, edit1=0)
    confidences, right = [], []
    for file, label in read_set(folder):
        bgr = cv2.imread(str(file))
        if bgr is None:
            continue
        rgb, luma = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
        found = pair.find(luma)
        fx, fy = bgr.shape[1] / label['width'], bgr.shape[0] / label['height']
        counts['images'] += 1
        touched = set()
        for x, y, w, h, text in label['boxes']:
            truth = (x * fx, y * fy, w * fx, h * fy)
            ious = [iou(box, truth) for box in found]
            best = int(np.argmax(ious)) if ious else -1
            counts['boxes'] += 1
            counts['found'] += best >= 0 and ious[best] >= 0.5
            counts['loose'] += best >= 0 and ious[best] >= 0.3
            touched |= {k for k, v in enumerate(ious) if v > 0}
            if not text:
                continue
            counts['texts'] += 1
            read, log_p = '', -20.0
            if best >= 0 and ious[best] > 0.1:
                read, log_p, _, _ = pair.read(pair.crop(rgb, found[best]))
                confidences.append(pair.confidence(log_p))
                right.append(read == text)
            counts['strict'] += read == text
            counts['merged'] += merged(read) == merged(text)
            counts['edit1'] += edit_distance(read, text) <= 1
            if verbose and read != text:
                print(f'    {label["file"][:24]} {text} read {read or "-"} {pair.confidence(log_p):.2f} iou {ious[best] if ious else 0:.2f} width {truth[2]:.0f}')
        counts['false'] += len(found) - len(touched)
    return counts, confidences, right


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--manifest', type=Path, default=MODELS / 'manifest.json')
    parser.add_argument('--sets', nargs='*')
    parser.add_argument('--verbose', action='store_true')
    args = parser.parse_args()
    pair = Pair(args.manifest)
    print(f'{pair.d["recipe"]}, {pair.r["recipe"]}, score threshold {pair.d["scoreThreshold"]}')
    print('| set | images | strict | merged | edit<=1 | recall@.5 | @.3 | false/image | ECE |\n|---|---|---|---|---|---|---|---|---|')
    for folder in sorted(args.data.iterdir()):
        if not (folder / 'labels.jsonl').exists() or args.sets and folder.name not in args.sets:
            continue
        c, confidences, right = measure(pair, folder, args.verbose)
        share = lambda k, n: f'{100 * c[k] / c[n]:.1f}' if c[n] else '-'
        ece = f'{calibration_error(confidences, right):.3f}' if right else '-'
        print(f'| {folder.name} | {c["images"]} | {share("strict", "texts")} | {share("merged", "texts")} | {share("edit1", "texts")} | '
              f'{share("found", "boxes")} | {share("loose", "boxes")} | {c["false"] / max(c["images"], 1):.2f} | {ece} |', flush=True)
    print(f'median ms: detector {np.median(pair.detector_ms):.2f}, reader {np.median(pair.reader_ms or [0]):.2f}')


if __name__ == '__main__':
    main()
