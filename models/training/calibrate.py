"""Fits what the exported reader says about its own certainty: `python calibrate.py --work DIR --reader FILE`.

Uses the held-out twelfth of the training crops, each seen in several views degraded as in a street scene (never `validation/`):
the temperatures of the two softmaxes by likelihood, `confidence = sigmoid(a * log p + b)` by logistic regression on half of the
crops, and reports the expected calibration error on the other half.
"""
import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from alphabet import ALPHABET, INDEX, STATE_INDEX
from cache import ImageCache
from evaluate import best_path, calibration_error
from pseudo_label import load
from reader_data import ReaderData, is_held_out, view

VIEWS = 6


def samples(cache: ImageCache, backgrounds: ImageCache):
    """Views of the held-out crops: images [n,3,64,160], texts, states, and which crop each came from."""
    rng, data = np.random.default_rng(5), ReaderData(cache, cache, backgrounds)
    images, texts, states, crops = [], [], [], []
    for i, meta in enumerate(cache.meta):
        if not is_held_out(meta['file']) or not meta['text'] or meta['set'].endswith('-pseudo') or meta['set'] == 'us-designs':
            continue
        crop = cache.image(i)
        h, w = crop.shape[:2]
        for _ in range(VIEWS):
            m, size = view(crop, rng, np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), 1.0)
            image = cv2.warpPerspective(crop, m, size, borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_LINEAR)
            images.append(data.finish(image, rng, 0.5))
            texts.append(meta['text'])
            states.append(STATE_INDEX.get(meta['state'] or '', -1))
            crops.append(i)
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2), texts, np.array(states), np.array(crops)


def logistic(x, y):
    """a, b of sigmoid(a x + b) by Newton's method, lightly regularised."""
    w = np.array([1.0, 0.0])
    features = np.stack([x, np.ones_like(x)], 1)
    for _ in range(50):
        p = 1 / (1 + np.exp(-features @ w))
        gradient = features.T @ (p - y) + 1e-3 * w
        hessian = (features * (p * (1 - p))[:, None]).T @ features + 1e-3 * np.eye(2)
        w = w - np.linalg.solve(hessian, gradient)
    return w


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--reader', type=Path, required=True)
    parser.add_argument('--crops', default='crops')
    parser.add_argument('--score', type=float, default=0.45, help='detections below this score are dropped')
    args = parser.parse_args()
    torch.set_num_threads(1)
    reader = load(args.reader)
    images, texts, states, crops = samples(ImageCache(args.work / args.crops), ImageCache(args.work / 'detector-train'))
    with torch.no_grad():
        parts = [reader(chunk.float()) for chunk in images.split(64)]
    chars, state = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    usable = torch.tensor([all(c in INDEX for c in t) for t in texts])
    lengths = torch.tensor([len(t) for t in texts])
    targets = torch.tensor([INDEX[c] for t, u in zip(texts, usable) if u for c in t])

    def ctc(t):
        log_p = (chars[usable] / t).log_softmax(-1).transpose(0, 1)
        return float(F.ctc_loss(log_p, targets, torch.full((int(usable.sum()),), chars.shape[1]), lengths[usable], zero_infinity=True))

    known = states >= 0
    state_loss = lambda t: float(F.cross_entropy(state[known] / t, torch.from_numpy(states[known])))
    grid = np.exp(np.linspace(np.log(0.4), np.log(3), 30))
    temperature, state_temperature = min(grid, key=ctc), min(grid, key=state_loss)
    reads = [best_path(row, ALPHABET) for row in (chars / temperature).softmax(-1).numpy()]
    right = np.array([r == t for (r, _), t in zip(reads, texts)], float)
    log_p = np.array([p for _, p in reads])
    half = crops % 2 == 0
    a, b = logistic(log_p[half], right[half])
    error = calibration_error(1 / (1 + np.exp(-(a * log_p[~half] + b))), right[~half])
    a, b = logistic(log_p, right)
    p = (state[known] / state_temperature).softmax(-1).numpy()
    top, correct = p.max(1), p.argmax(1) == states[known]
    unknown = next((t for t in np.arange(0.3, 0.95, 0.05) if (top >= t).any() and correct[top >= t].mean() >= 0.97), 0.9)
    out = {'temperature': float(temperature), 'stateTemperature': float(state_temperature), 'a': float(a), 'b': float(b),
           'unknownState': round(float(unknown), 2), 'scoreThreshold': args.score}
    (args.work / 'calibration.json').write_text(json.dumps(out, indent=1))
    print(out)
    print(f'views {len(texts)}, right {right.mean():.3f}, expected calibration error on the other half {error:.3f}; '
          f'state right {correct.mean():.3f}, {correct[top >= unknown].mean():.3f} of the {np.mean(top >= unknown):.3f} above the threshold')


if __name__ == '__main__':
    main()
