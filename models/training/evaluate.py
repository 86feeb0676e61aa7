"""Measures the exported ONNX pair on labelled scenes: `python evaluate.py --data DIR/validation`. Python twin of `npm run evaluate`."""
import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from cache import read_set
from train_detector import best_ious, nms

MODELS = Path(__file__).parents[1]


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])


class Pair:
    def __init__(self):
        self.manifest = json.loads((MODELS / 'manifest.json').read_text())
        self.detector = session(MODELS / self.manifest['detector']['onnx']['file'])
        self.reader = session(MODELS / self.manifest['reader']['onnx']['file'])

    def detect(self, image, threshold=None):
        m = self.manifest['detector']
        w, h = m['input']['width'], m['input']['height']
        scale = min(w / image.shape[1], h / image.shape[0])
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        small = cv2.resize(grey, (int(image.shape[1] * scale), int(image.shape[0] * scale)), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        canvas = np.full((1, 1, h, w), m['input']['pad'], np.float32)
        canvas[0, 0, :small.shape[0], :small.shape[1]] = small
        found = nms(self.detector.run(None, {'image': canvas})[0][0], threshold or m['scoreThreshold'], m['nmsIou'])
        found[:, :4] /= scale
        return found

    def read(self, image, boxes):
        m = self.manifest['reader']
        w, h, margin = m['input']['width'], m['input']['height'], m['input']['margin']
        crops = []
        for x1, y1, x2, y2 in boxes[:, :4]:
            px = (x2 - x1) * margin['x'] / (1 - 2 * margin['x'])
            py = (y2 - y1) * margin['y'] / (1 - 2 * margin['y'])
            src = np.array([[x1 - px, y1 - py], [x2 + px, y1 - py], [x1 - px, y2 + py]], np.float32)
            over = max(1, int(np.ceil((x2 - x1 + 2 * px) / w)))
            matrix = cv2.getAffineTransform(src, np.array([[0, 0], [w * over, 0], [0, h * over]], np.float32))
            crop = cv2.warpAffine(image, matrix, (w * over, h * over), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            crop = cv2.resize(crop, (w, h), interpolation=cv2.INTER_AREA) if over > 1 else crop
            crops.append(crop[..., ::-1].transpose(2, 0, 1))
        chars, states = self.reader.run(None, {'plates': np.array(crops, np.float32)})
        return [self.text(c) + (s,) for c, s in zip(chars, states)]

    def text(self, probabilities):
        best = probabilities.argmax(-1)
        keep = [j for j, k in enumerate(best) if k and (j == 0 or best[j - 1] != k)]
        alphabet = self.manifest['reader']['alphabet']
        return ''.join(alphabet[best[j]] for j in keep), float(np.log(probabilities.max(-1)).sum())


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, last = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y)))
    return row[-1]


def merged(text):
    return text.replace('O', '0').replace('I', '1')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--failures', type=Path)
    args = parser.parse_args()
    pair = Pair()
    for folder in sorted(args.data.iterdir()):
        n = plates = found = strict = loose = near = extra = 0
        ms, failures = [], []
        for file, label in read_set(folder):
            image = cv2.imread(str(file))
            started = time.perf_counter()
            boxes = pair.detect(image)
            texts = pair.read(image, boxes) if len(boxes) else []
            ms.append((time.perf_counter() - started) * 1000)
            n += 1
            extra += max(0, len(boxes) - sum(v >= 0.3 for v in best_ious(boxes, [b[:4] for b in label['boxes']])))
            for x, y, w, h, truth in label['boxes']:
                plates += 1
                ious = [best_ious(boxes[k:k + 1], [(x, y, w, h)])[0] for k in range(len(boxes))]
                k = int(np.argmax(ious)) if ious else -1
                found += k >= 0 and ious[k] >= 0.5
                if not truth:
                    continue
                got = texts[k][0] if k >= 0 and ious[k] > 0.1 else ''
                strict += got == truth
                loose += merged(got) == merged(truth)
                near += distance(got, truth) <= 1
                if got != truth:
                    failures.append((file, truth, got, (x, y, w, h)))
        line = f'{folder.name}: images {n} recall {found / max(plates, 1):.3f} extra/img {extra / n:.2f} ms {np.median(ms):.1f}'
        if strict or near:
            line += f' strict {strict / plates:.3f} merged {loose / plates:.3f} edit1 {near / plates:.3f}'
        print(line, flush=True)
        if args.failures:
            args.failures.mkdir(parents=True, exist_ok=True)
            tiles = []
            for file, truth, got, (x, y, w, h) in failures[:48]:
                image = cv2.imread(str(file))
                x0, y0 = max(0, int(x - w * 0.2)), max(0, int(y - h * 0.3))
                tile = cv2.resize(image[y0:int(y + h * 1.3), x0:int(x + w * 1.2)], (220, 100))
                cv2.putText(tile, f'{truth} / {got}', (2, 96), 0, 0.45, (0, 0, 255), 1)
                tiles.append(tile)
            if tiles:
                tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 6)
                cv2.imwrite(str(args.failures / f'{folder.name}.png'), np.vstack([np.hstack(tiles[i:i + 6]) for i in range(0, len(tiles), 6)]))


if __name__ == '__main__':
    main()
