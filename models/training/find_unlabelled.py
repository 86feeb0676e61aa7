"""Finds plates that the training scenes leave unlabelled: `python find_unlabelled.py --work DIR`.

The pair so far looks at every cached training scene. A box that touches no label becomes a label when the reader is certain of its
text, and is ignored in training when there may be a text; the rest stay negatives, the hard ones among them. Writes `detector-extra.json`: for each image of the cache the added and the
ignored boxes (x1,y1,x2,y2). Images of `no-plate` stay negatives.
"""
import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from cache import ImageCache
from pair import MODELS, Pair

NEGATIVE_SCORE = 0.15
IGNORE_SCORE, IGNORE_LOG_P = 0.35, -3.0
ADD_SCORE, ADD_LOG_P = 0.5, -0.5


def judged(pair: Pair, luma, box) -> str:
    """What a box beside every label is in a scene with plates."""
    text, log_p, _, _ = pair.read(pair.crop(np.repeat(luma[..., None], 3, 2), box))
    if box[4] > ADD_SCORE and len(text) >= 5 and log_p > ADD_LOG_P:
        return 'add'
    return 'ignore' if box[4] > IGNORE_SCORE and len(text) >= 4 and log_p > IGNORE_LOG_P else 'negative'


def touches(box, truth):
    return min(box[2], truth[0] + truth[2]) > max(box[0], truth[0]) and min(box[3], truth[1] + truth[3]) > max(box[1], truth[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--manifest', type=Path, default=MODELS / 'manifest.json')
    args = parser.parse_args()
    pair, cache, counts, extra = Pair(args.manifest), ImageCache(args.work / 'detector-train'), Counter(), []
    for i, meta in enumerate(cache.meta):
        entry, luma = {'add': [], 'ignore': [], 'negative': []}, cache.image(i)
        for box in pair.find(luma, NEGATIVE_SCORE):
            if any(touches(box, truth) for truth in meta['boxes']):
                continue
            kind = judged(pair, luma, box) if meta['boxes'] else 'negative'
            counts[meta['set'], kind] += 1
            entry[kind].append([round(float(v), 1) for v in box[:4]])
        extra.append(entry)
    (args.work / 'detector-extra.json').write_text(json.dumps(extra))
    for (name, kind), count in sorted(counts.items()):
        print(f'{name}: {count} {kind}')


if __name__ == '__main__':
    main()
