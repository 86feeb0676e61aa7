"""Labels the crops that come without text: `python pseudo_label.py --data DIR --work DIR --readers A.pt B.pt`.

A label is kept when every reader reads the same text in every view (three framings), each with a high probability. Writes a new
cache (default `crops-pseudo`) that holds the labelled crops followed by the newly labelled ones.
"""
import argparse
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import torch

from alphabet import ALPHABET, STATES
from cache import read_set
from evaluate import best_path
from reader_data import upright
from reader_net import Reader

SETS = {'us-street-unlabelled': 'us-street-pseudo', 'eu-crops': 'eu-pseudo'}
VIEWS = (0.0, 0.03, 0.07)
LOG_P_MIN = -0.35


@torch.no_grad()
def read_views(readers, crop):
    """-> every (text, log probability) of the crop, and the mean state probabilities."""
    views = torch.from_numpy(np.stack([upright(crop, inset) for inset in VIEWS])).permute(0, 3, 1, 2).float()
    reads, states = [], []
    for reader in readers:
        chars, state = reader(views)
        reads += [best_path(row, ALPHABET) for row in chars.softmax(-1).numpy()]
        states.append(state.softmax(-1).numpy())
    return reads, np.concatenate(states).mean(0)


def load(path: Path) -> Reader:
    reader = Reader().eval()
    reader.load_state_dict(torch.load(path, weights_only=False)['ema'])
    return reader


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--readers', type=Path, nargs='+', required=True)
    parser.add_argument('--crops', default='crops')
    parser.add_argument('--out', default='crops-pseudo')
    args = parser.parse_args()
    torch.set_num_threads(1)
    readers = [load(path) for path in args.readers]
    source, target = args.work / args.crops, args.work / args.out
    index = json.loads(source.with_suffix('.json').read_text())
    shutil.copyfile(source.with_suffix('.bin'), target.with_suffix('.bin'))
    offset = target.with_suffix('.bin').stat().st_size
    with open(target.with_suffix('.bin'), 'ab') as out:
        for folder, name in SETS.items():
            kept = seen = 0
            for file, label in read_set(args.data / 'train' / folder):
                crop = cv2.imread(str(file))
                if crop is None:
                    continue
                seen += 1
                crop = np.ascontiguousarray(crop[..., ::-1])
                reads, state = read_views(readers, crop)
                texts = {text for text, _ in reads}
                text = reads[0][0]
                if len(texts) > 1 or not 4 <= len(text) <= 9 or min(p for _, p in reads) < LOG_P_MIN:
                    continue
                k = int(state.argmax())
                out.write(crop.tobytes())
                index['meta'].append({'set': name, 'file': label['file'], 'text': text, 'state': STATES[k] if state[k] > 0.9 else None})
                index['places'].append([offset, list(crop.shape)])
                offset += crop.size
                kept += 1
            print(f'{folder}: {kept} of {seen} labelled', flush=True)
    target.with_suffix('.json').write_text(json.dumps(index))


if __name__ == '__main__':
    main()
