"""Fits what the exported reader says about its own certainty: `python calibrate.py --work DIR --reader FILE`.

Uses the held-out twelfth of the training crops, each seen in several views, from clean to degraded as in a street scene (never `validation/`):
the temperatures of the two softmaxes and the weight of the layouts by likelihood, then the confidence of a text of probability p as
`sigmoid(a log p - c log(1 - p) + b)` (beta calibration, Kull et al. 2017), once for what is read in one framing (cameras) and once for the mean
of several (stills). Every set counts alike. Reports the expected calibration error of one half of the crops by the fit on the other.
"""
import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from alphabet import ALPHABET, INDEX, STATE_INDEX, STATES
from cache import ImageCache, is_held_out
from decode import beam_search, decode
from export import CROP_MARGIN, FURTHER_MARGINS
from pair import calibration_error
from plate_layouts import issued
from reader_data import ReaderData, degrade, view
from reader_net import HEIGHT, WIDTH, Reader

# How strongly each view of a crop is degraded.
STRENGTHS = (0.0, 0.35, 0.7, 1.0)
PRIOR_WEIGHTS, VANITY_SHARES = (0.0, 0.3, 0.6, 1.0), (0.05, 0.1, 0.2)
LOG_P_ABSENT = -9.0
# As text.ts bounds them.
P_MIN, DOUBT_MIN = 1e-9, 1e-3
STATE_RIGHT_MIN = 0.97


def framed(image, margin):
    """The picture grown by a margin (edges repeated, or cut where it is negative), as the reader's input."""
    h, w = image.shape[:2]
    x, y = margin[0] * w, margin[1] * h
    m = np.array([[(w + 2 * x) / WIDTH, 0, -x], [0, (h + 2 * y) / HEIGHT, -y]], np.float32)
    if w > WIDTH:
        image, m = cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), m * np.array([[WIDTH / w], [HEIGHT / h]], np.float32)
    return cv2.warpAffine(image, m, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)


def samples(cache: ImageCache):
    """Views of the held-out crops: images [n,framings,3,64,160], texts, states, and which crop each came from."""
    rng = np.random.default_rng(5)
    images, texts, states, crops = [], [], [], []
    for i, meta in enumerate(cache.meta):
        if not is_held_out(meta['file']) or not meta['text'] or meta['set'].endswith('-pseudo') or meta['set'] == 'us-designs':
            continue
        crop = cache.image(i)
        h, w = crop.shape[:2]
        for strength in STRENGTHS:
            m, size = view(crop, rng, np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), strength)
            image = cv2.warpPerspective(crop, m, size, borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_LINEAR)
            image = degrade(image, rng, strength)
            images.append(np.stack([framed(image, margin) for margin in (CROP_MARGIN, *FURTHER_MARGINS)]))
            texts.append(meta['text'])
            states.append(STATE_INDEX.get(meta['state'] or '', -1))
            crops.append(i)
    return torch.from_numpy(np.stack(images)).permute(0, 1, 4, 2, 3), texts, np.array(states), np.array(crops)


def odds_terms(log_p):
    """What the log odds of a text are linear in."""
    p = np.exp(np.maximum(log_p, np.log(P_MIN)))
    return np.stack([np.log(p), -np.log(np.maximum(1 - p, DOUBT_MIN)), np.ones_like(p)], 1)


def logistic(terms, y, weights):
    """Weights w of sigmoid(terms @ w) by Newton's method, lightly regularised, no weight of the first two below 0."""
    used = np.ones(terms.shape[1], bool)
    while True:
        x, w = terms[:, used], np.zeros(int(used.sum()))
        for _ in range(60):
            p = 1 / (1 + np.exp(-x @ w))
            gradient = x.T @ (weights * (p - y)) + 1e-3 * w
            hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(w))
            w = w - np.linalg.solve(hessian, gradient)
        out = np.zeros(terms.shape[1])
        out[used] = w
        negative = (out < 0) & (np.arange(len(out)) < 2)
        if not negative.any():
            return out
        used &= ~negative


def confidence_of(log_p, fit):
    return 1 / (1 + np.exp(-odds_terms(log_p) @ fit))


def fit_prior(beams, texts, states, issued):
    """The weight of the layouts and the share of vanity plates under which the true texts are likeliest among the beams."""
    def loss(weight, vanity):
        prior = {'layouts': issued, 'weight': weight, 'vanity': vanity}
        total = 0.0
        for found, text, state in zip(beams, texts, states):
            total -= dict(decode([found], dict(zip(STATES, state)), prior)).get(text, LOG_P_ABSENT)
        return total / len(texts)

    table = {(weight, vanity): loss(weight, vanity) for weight in PRIOR_WEIGHTS for vanity in VANITY_SHARES}
    for (weight, vanity), value in table.items():
        print(f'layouts to the power {weight}, vanity {vanity}: loss {value:.4f}')
    return min(table, key=table.get)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--reader', type=Path, required=True, help='checkpoint')
    parser.add_argument('--crops', default='crops-clean')
    parser.add_argument('--score', type=float, required=True, help='detections below this score are dropped (choose_threshold.py)')
    args = parser.parse_args()
    torch.set_num_threads(1)
    cache = ImageCache(args.work / args.crops)
    reader = Reader().eval()
    reader.load_state_dict(torch.load(args.reader, weights_only=False)['ema'])
    images, texts, states, crops = samples(cache)
    n, framings = images.shape[:2]
    with torch.no_grad():
        parts = [reader(chunk.float()) for chunk in images.flatten(0, 1).split(64)]
    chars, state = (torch.cat(part).unflatten(0, (n, framings)) for part in zip(*parts))
    usable = torch.tensor([all(c in INDEX for c in t) for t in texts])
    lengths = torch.tensor([len(t) for t in texts])
    targets = torch.tensor([INDEX[c] for t, u in zip(texts, usable) if u for c in t])

    def ctc(t):
        log_p = (chars[usable, 0] / t).log_softmax(-1).transpose(0, 1)
        return float(F.ctc_loss(log_p, targets, torch.full((int(usable.sum()),), chars.shape[2]), lengths[usable], zero_infinity=True))

    known = states >= 0
    state_loss = lambda t: float(F.nll_loss((state[known] / t).softmax(-1).mean(1).log(), torch.from_numpy(states[known])))
    grid = np.exp(np.linspace(np.log(0.4), np.log(3), 30))
    temperature, state_temperature = min(grid, key=ctc), min(grid, key=state_loss)
    p_state = (state / state_temperature).softmax(-1).numpy().astype(float)
    p_chars = (chars / temperature).softmax(-1).numpy()
    beams = [[beam_search(row, ALPHABET) for row in rows] for rows in p_chars]
    issued_layouts = issued(cache.meta)
    weight, vanity = fit_prior([views[0] for views in beams], texts, p_state[:, 0], issued_layouts)
    prior = {'layouts': issued_layouts, 'weight': weight, 'vanity': vanity}
    sets = np.array([cache.meta[c]['set'] for c in crops])
    weights = np.array([1 / (sets == name).sum() for name in sets]) * len(sets) / len(set(sets))
    calibration = {}
    for name, count in (('oneFraming', 1), ('severalFramings', framings)):
        reads = [(decode(views[:count], dict(zip(STATES, rows[:count].mean(0))), prior) or [('', LOG_P_ABSENT)])[0] for views, rows in zip(beams, p_state)]
        right = np.array([r == t for (r, _), t in zip(reads, texts)], float)
        log_p = np.array([p for _, p in reads])
        half = crops % 2 == 0
        fit = logistic(odds_terms(log_p[half]), right[half], weights[half])
        error = calibration_error(confidence_of(log_p[~half], fit), right[~half])
        a, c, b = logistic(odds_terms(log_p), right, weights)
        calibration[name] = {'a': float(a), 'b': float(b), 'c': float(c)}
        top = confidence_of(np.array([0.0]), (a, c, b))[0]
        print(f'{name}: right {right.mean():.3f}, a {a:.3f} b {b:.3f} c {c:.3f}, highest confidence {top:.4f}, error of the other half {error:.3f}')
        for one in sorted(set(sets)):
            members = sets == one
            print(f'  {one}: {right[members].mean():.3f} of {members.sum()} views, confidence {confidence_of(log_p, (a, c, b))[members].mean():.3f}')
    p = p_state[known].mean(1)
    top, correct, share = p.max(1), p.argmax(1) == states[known], weights[known]
    precise = lambda t: (correct * share)[top >= t].sum() >= STATE_RIGHT_MIN * share[top >= t].sum()
    unknown = next((t for t in np.arange(0.3, 0.95, 0.05) if (top >= t).any() and precise(t)), 0.9)
    out = {'temperature': float(temperature), 'stateTemperature': float(state_temperature), 'calibration': calibration,
           'unknownState': round(float(unknown), 2), 'scoreThreshold': args.score,
           'layoutPrior': {'weight': weight, 'vanity': vanity}, 'layouts': issued_layouts}
    (args.work / 'calibration.json').write_text(json.dumps(out, indent=1))
    print({k: v for k, v in out.items() if k != 'layouts'})
    named = top >= unknown
    print(f'state right {correct.mean():.3f}, {correct[named].sum()} of the {named.sum()} of {len(top)} above the threshold')


if __name__ == '__main__':
    main()
