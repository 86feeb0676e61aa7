"""Decodes every training image once into a flat uint8 file, so that training never waits for a JPEG decoder."""
import json
from pathlib import Path

import cv2
import numpy as np

HELD_OUT_EVERY = 12


def is_held_out(file: str) -> bool:
    """A fixed part of the training images is kept for measuring and calibration (never `validation/`)."""
    return sum(file.encode()) % HELD_OUT_EVERY == 0


class ImageCache:
    """Images of different sizes in one memory-mapped file: `image(i)` is HxW (luma) or HxWx3 (RGB) uint8; `meta[i]` its label."""

    def __init__(self, path: Path):
        self.path = path
        index = json.loads(path.with_suffix('.json').read_text())
        self.meta = index['meta']
        self._places = index['places']
        self._bytes = np.memmap(path.with_suffix('.bin'), np.uint8, 'r')

    def __len__(self) -> int:
        return len(self.meta)

    def image(self, i: int) -> np.ndarray:
        offset, shape = self._places[i]
        size = int(np.prod(shape))
        return self._bytes[offset:offset + size].reshape(shape)


def read_set(folder: Path, limit: int | None = None):
    """Labels of one set: yields (path of the image, label object). `limit`: only about so many, spread over the set."""
    lines = (folder / 'labels.jsonl').read_text().splitlines()
    for line in lines[::max(1, len(lines) // limit)] if limit else lines:
        label = json.loads(line)
        path = folder / 'images' / label['file']
        if path.exists():
            yield path, label


def build(path: Path, sets: list[Path], luma: bool, side_max: int, limit: int | None = None) -> ImageCache:
    """Caches the sets at `path` (.bin, .json), images shrunk so that no side exceeds `side_max`; boxes are scaled along."""
    path.parent.mkdir(parents=True, exist_ok=True)
    meta, places, offset = [], [], 0
    with open(path.with_suffix('.bin'), 'wb') as out:
        for folder in sets:
            for file, label in read_set(folder, limit):
                image = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE if luma else cv2.IMREAD_COLOR)
                if image is None:
                    continue
                if not luma:
                    image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
                scale = min(1.0, side_max / max(image.shape[:2]))
                # Labels may state another size than the file has.
                fx = image.shape[1] / label['width'] * scale
                fy = image.shape[0] / label['height'] * scale
                if scale < 1:
                    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                entry = {'set': folder.name, 'file': label['file']}
                if 'boxes' in label:
                    entry['boxes'] = [[b[0] * fx, b[1] * fy, b[2] * fx, b[3] * fy] for b in label['boxes']]
                else:
                    entry['text'], entry['state'] = label['text'], label['state']
                image = np.ascontiguousarray(image)
                out.write(image.tobytes())
                meta.append(entry)
                places.append([offset, list(image.shape)])
                offset += image.size
    path.with_suffix('.json').write_text(json.dumps({'meta': meta, 'places': places}))
    return ImageCache(path)
