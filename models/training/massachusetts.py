"""Rendered plates nobody trained on, Massachusetts' formats beside as many of other states: `python massachusetts.py --data DIR --out DIR`.

Few labelled pictures show Massachusetts plates, so `evaluate` compares these sets. They are drawn by the renderer of the training pool (another
seed) and degraded alike: good for saying whether one state's formats are read as well as others', not how well real ones are. Stacked prefixes
are sets of their own.
"""
import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from alphabet import DESIGNS
from reader_data import degrade, view
from synthetic import Renderer

SEED, STRENGTH, SIZE = 4112, 0.7, (320, 146)
VANITY = ['AAAA', 'AAAAA', 'AAAAAA', '99AAAA', 'AAAA99']
# Serial numbers leave these out (nearly everywhere): beside digits nobody could tell them apart.
NOT_IN_SERIALS = 'IOQ'
PASSENGERS = [d for d in DESIGNS if d['country'] == 'US' and d['id'].endswith('-passenger') and d['state'] != 'MA']


def of_massachusetts(name):
    return next(d for d in DESIGNS if d['id'] == f'us-ma-{name}')


def massachusetts(rng):
    """1ABC23, 12A345, 9AB271, livery or vanity, each as likely -> its kind, its design, its formats."""
    passenger = of_massachusetts('passenger')
    kinds = [(form, passenger, [form]) for form in ('9AAA99', '99A999', '9AA999')]
    kinds += [('livery', of_massachusetts('livery'), None), ('vanity', passenger, VANITY)]
    return kinds[rng.integers(len(kinds))]


def others(rng):
    """Any other state as likely, and as many vanity plates."""
    design = PASSENGERS[rng.integers(len(PASSENGERS))]
    return ('vanity', design, VANITY) if rng.random() < 0.2 else ('passenger', design, None)


def serial(rng, of_state):
    """A plate with a serial number, for a stacked prefix or suffix."""
    return 'stacked', of_state(rng), None


SETS = {
    'rendered-ma': (massachusetts, 0.0), 'rendered-others': (others, 0.0),
    'rendered-ma-stacked': (lambda rng: serial(rng, lambda _: of_massachusetts('passenger')), 1.0),
    'rendered-others-stacked': (lambda rng: serial(rng, lambda rng: PASSENGERS[rng.integers(len(PASSENGERS))]), 1.0),
}


def drawn(renderer: Renderer, name, design, formats, stacked):
    """A plate; one whose serial number holds an I, O or Q is drawn again."""
    while True:
        plate, centres, state = renderer.plate(design, formats, stacked)
        text = ''.join(char for char, _, _ in centres)
        if name == 'vanity' or not set(text) & set(NOT_IN_SERIALS):
            return plate, text, state


def write(folder: Path, fonts: Path, licensed_only: bool, count: int, pick, stacked: float):
    (folder / 'images').mkdir(parents=True, exist_ok=True)
    rng, renderer = np.random.default_rng(SEED), Renderer(fonts, SEED, licensed_only)
    with open(folder / 'labels.jsonl', 'w') as labels:
        for k in range(count):
            name, design, formats = pick(rng)
            plate, text, state = drawn(renderer, name, design, formats, stacked)
            h, w = plate.shape[:2]
            m, size = view(plate, rng, np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), 1.0)
            image = degrade(cv2.warpPerspective(plate, m, size, borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_LINEAR), rng, STRENGTH)
            image = cv2.resize(image, SIZE, interpolation=cv2.INTER_LINEAR)
            file = f'{k:04d}-{name}.png'
            cv2.imwrite(str(folder / 'images' / file), image[..., ::-1])
            labels.write(json.dumps({'file': file, 'width': image.shape[1], 'height': image.shape[0], 'text': text, 'state': state}) + '\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', type=Path, required=True, help='folder that holds fonts/')
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--count', type=int, default=300)
    parser.add_argument('--licensed-only', action='store_true')
    args = parser.parse_args()
    for name, (pick, stacked) in SETS.items():
        write(args.out / name, args.data / 'fonts', args.licensed_only, args.count, pick, stacked)


if __name__ == '__main__':
    main()
