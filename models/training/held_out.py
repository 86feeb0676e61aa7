"""Lays out the held-out part of the training sets as sets of their own: `python held_out.py --data DIR --out DIR`.

For `npm run evaluate -- --data OUT`: scenes without plates, and street, clean American and Brazilian crops (without the Brazilian labels that have
a D for an I or O). Images are links.
"""
import argparse
import json
from pathlib import Path

from cache import is_held_out, read_set

SETS = ['no-plate', 'us-crops', 'us-street-crops', 'br-crops']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--limit', type=int, help='images of each set (for a trial)')
    args = parser.parse_args()
    for name in SETS:
        folder = args.out / f'held-out-{name}'
        (folder / 'images').mkdir(parents=True, exist_ok=True)
        with open(folder / 'labels.jsonl', 'w') as labels:
            for file, label in read_set(args.data / 'train' / name, args.limit):
                if not is_held_out(label['file']) or name == 'br-crops' and 'D' in label['text'][:3]:
                    continue
                link = folder / 'images' / label['file']
                if not link.exists():
                    link.symlink_to(file.resolve())
                labels.write(json.dumps(label) + '\n')


if __name__ == '__main__':
    main()
