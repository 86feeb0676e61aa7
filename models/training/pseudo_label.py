"""Labels crops that come without text and drops labelled ones that are wrong: `python pseudo_label.py --data DIR --work DIR`.

With the reader so far (ONNX), every crop is read in several framings. Writes the cache `crops-clean`:
- labelled crops, without those whose every framing says the same other text with certainty (wrong labels), and without Brazilian ones
  with a D among the letters: the labels of that set write D for I and O;
- European crops whose file name holds the plate, when the reading is within one character of it;
- unlabelled street and European crops, and boxed plates of the world and Romanian scenes, when every framing agrees and is certain,
  and, for Europe, the text has a layout that some country issues.
"""
import argparse
import json
import re
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from alphabet import ALPHABET, STATES
from cache import ImageCache, read_set
from decode import pattern
from pair import best_path, edit_distance, session
from plate_layouts import EUROPEAN
from reader_data import upright

VIEWS = (-0.02, 0.02, 0.05, 0.08)
LOG_P_MIN = -0.5
LOG_P_WRONG = -0.35
SIDE_MAX = 320
COUNTRY = {'a': 'AT', 'b': 'BE', 'bg': 'BG', 'ch': 'CH', 'cz': 'CZ', 'd': 'DEU', 'dk': 'DK', 'e': 'ES', 'est': 'EE', 'f': 'FR', 'fin': 'FI', 'gb': 'GB',
           'gr': 'GR', 'h': 'HU', 'hr': 'HR', 'i': 'IT', 'irl': 'IE', 'lt': 'LT', 'lv': 'LV', 'n': 'NO', 'nl': 'NL', 'p': 'PT', 'pl': 'PL', 'ro': 'RO',
           's': 'SE', 'sk': 'SK', 'slo': 'SI'}


def read_views(reader, crop):
    """-> every (text, log probability) of the crop, and the mean state probabilities."""
    views = np.stack([upright(crop, inset) for inset in VIEWS]).transpose(0, 3, 1, 2).astype(np.float32)
    chars, states = reader.run(['chars', 'state'], {'plates': views})
    return [best_path(row, ALPHABET) for row in chars], states.mean(0)


def named(file: str):
    """Country and text from `eu2-crop_<country>_<text>[_close].jpg`, or None."""
    found = re.fullmatch(r'eu2-crop_([a-z]+)_([a-z0-9-]+?)(_close)?\.jpg', file.lower())
    if not found:
        return None
    text = found[2].replace('-', '').upper()
    return (COUNTRY.get(found[1]), text) if 5 <= len(text) <= 9 else None


class Judge:
    def __init__(self, reader):
        self.reader, self.counts = reader, Counter()

    def labelled(self, meta, crop):
        """Is the label of a training crop to be believed?"""
        text = meta['text']
        if not text:
            return True
        if meta['set'] == 'br-crops' and 'D' in text[:3]:
            self.counts['br-crops: D among the letters'] += 1
            return False
        reads, _ = read_views(self.reader, crop)
        wrong = len({t for t, _ in reads}) == 1 and reads[0][0] != text and min(p for _, p in reads) > LOG_P_WRONG
        self.counts[f'{meta["set"]}: {"wrong label" if wrong else "kept"}'] += 1
        return not wrong

    def label(self, name, file, crop):
        """(text, state or None) of a crop without a label, or None."""
        reads, state = read_views(self.reader, crop)
        known = named(file)
        if known:
            near = min(edit_distance(known[1], t) for t, _ in reads)
            self.counts[f'{name}: file name {"kept" if near <= 1 else "doubted"}'] += 1
            if near <= 1:
                return known[1], known[0]
        text, certain = reads[0][0], min(p for _, p in reads)
        european = name != 'us-street-pseudo'
        good = len({t for t, _ in reads}) == 1 and 4 <= len(text) <= 9 and certain > LOG_P_MIN and (not european or pattern(text) in EUROPEAN)
        self.counts[f'{name}: {"kept" if good else "left"}'] += 1
        k = int(state.argmax())
        return (text, STATES[k] if state[k] > 0.9 else None) if good else None


def scene_plates(folder: Path, limit):
    for file, label in read_set(folder, limit):
        image = cv2.imread(str(file))
        if image is None:
            continue
        fx, fy = image.shape[1] / label['width'], image.shape[0] / label['height']
        for k, (x, y, w, h, _) in enumerate(label['boxes']):
            if w * fx < 55 or h * fy < 12:
                continue
            x1, x2 = int(max(0, (x - 0.04 * w) * fx)), int((x + 1.04 * w) * fx)
            y1, y2 = int(max(0, (y - 0.06 * h) * fy)), int((y + 1.06 * h) * fy)
            yield f'{k}-{file.name}', image[y1:y2, x1:x2, ::-1]


def crops_of(folder: Path, limit):
    for file, _ in read_set(folder, limit):
        image = cv2.imread(str(file))
        if image is not None:
            yield file.name, image[..., ::-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--reader', type=Path, required=True, help='ONNX of the reader so far')
    parser.add_argument('--crops', default='crops')
    parser.add_argument('--out', default='crops-clean')
    parser.add_argument('--limit', type=int, help='images of each set (for a trial)')
    parser.add_argument('--licensed-only', action='store_true')
    args = parser.parse_args()
    judge, source = Judge(session(args.reader)), ImageCache(args.work / args.crops)
    train, target = args.data / 'train', args.work / args.out
    unlabelled = [('eu-pseudo', crops_of(train / 'eu-crops', args.limit)), ('world-pseudo', scene_plates(train / 'scenes-world', args.limit)),
                  ('romania-pseudo', scene_plates(train / 'scenes-romania', args.limit))]
    if not args.licensed_only:
        unlabelled.append(('us-street-pseudo', crops_of(train / 'us-street-unlabelled', args.limit)))
    meta, places, offset = [], [], 0
    with open(target.with_suffix('.bin'), 'wb') as out:
        def put(entry, crop):
            nonlocal offset
            out.write(np.ascontiguousarray(crop).tobytes())
            meta.append(entry)
            places.append([offset, list(crop.shape)])
            offset += crop.size

        for i, entry in enumerate(source.meta):
            if judge.labelled(entry, source.image(i)):
                put(entry, source.image(i))
        for name, crops in unlabelled:
            for file, crop in crops:
                if max(crop.shape) > SIDE_MAX:
                    crop = cv2.resize(crop, None, fx=SIDE_MAX / max(crop.shape), fy=SIDE_MAX / max(crop.shape), interpolation=cv2.INTER_AREA)
                found = judge.label(name, file, crop)
                if found:
                    put({'set': 'eu-named' if named(file) else name, 'file': file, 'text': found[0], 'state': found[1]}, crop)
    target.with_suffix('.json').write_text(json.dumps({'meta': meta, 'places': places}))
    for name, count in sorted(judge.counts.items()):
        print(f'{name}: {count}')


if __name__ == '__main__':
    main()
