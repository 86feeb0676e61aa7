"""The detector's threshold, on held-out training scenes (never `validation/`): `python choose_threshold.py --work DIR --detector FILE`.

Prints, for thresholds, the share of labelled plates found at IoU 0.5 and the boxes per image in scenes without plates; takes the lowest
threshold that leaves at most 0.02 of these.
"""
import argparse
from pathlib import Path

import numpy as np
import torch

from cache import ImageCache, is_held_out
from detector_net import Detector, decode
from train_detector import best_ious, letterboxed, nms

THRESHOLDS = np.arange(0.3, 0.81, 0.05)
FALSE_MAX = 0.02


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--detector', type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    model = Detector().eval()
    model.load_state_dict(torch.load(args.detector, weights_only=False)['ema'])
    cache = ImageCache(args.work / 'detector-train')
    scenes = [(cache.meta[i], *letterboxed(cache.image(i))) for i in range(len(cache)) if is_held_out(cache.meta[i]['file'])]
    raw = [(meta, scale, decode(model(torch.from_numpy(image).float()[None, None]))[0].numpy()) for meta, image, scale in scenes]
    chosen = None
    for threshold in THRESHOLDS:
        found = hits = plates = empty = false = 0
        for meta, scale, boxes in raw:
            kept = nms(boxes, threshold)
            if meta['boxes']:
                kept[:, :4] /= scale
                ious = best_ious(kept, meta['boxes'])
                plates, hits, found = plates + len(ious), hits + sum(v >= 0.5 for v in ious), found + len(kept)
            else:
                empty, false = empty + 1, false + len(kept)
        print(f'{threshold:.2f}: recall {hits / plates:.4f} of {plates}, {false / empty:.4f} false an image of {empty} without plates')
        if chosen is None and false / empty <= FALSE_MAX:
            chosen = threshold
    print(f'chosen {chosen if chosen is not None else THRESHOLDS[-1]:.2f}')


if __name__ == '__main__':
    main()
