"""Renders clean plates from plate-designs.json; a pool of them is drawn once and degraded anew each time it is used."""
import json
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from alphabet import DESIGNS

HEIGHT = 96
LEGEND_FONTS = ['/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf', '/usr/share/fonts/truetype/dejavu/DejaVuSerif-Bold.ttf',
                '/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed-Bold.ttf']
US_FONTS = ['semishawn_License-Plate.woff2', 'smuecke_LicensePlate.ttf']
EU_FONTS = ['GL-Nummernschild-Mtl.ttf', 'GL-Nummernschild-Eng.ttf', 'din1451alt.ttf']
LETTERS, DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789'
# Europe has few labelled crops: its designs are drawn more often than their weight says.
SHARE_OF_COUNTRY = {'US': 0.55, 'EU': 0.35, 'BR': 0.10}
WEIGHTS = np.array([d['weight'] for d in DESIGNS])
for country, share in SHARE_OF_COUNTRY.items():
    members = np.array([d['country'] == country for d in DESIGNS])
    WEIGHTS[members] *= share / WEIGHTS[members].sum()
STACKED_SHARE = 0.06
# Of a plate's width: two columns of the reader's 40, less its margin.
STACK_APART = 0.05
# Two letters for a kind of plate (livery, taxi, charities), then digits.
PREFIXED, PREFIXED_SHARE = ['AA999', 'AA9999', 'AA99999'], 0.3


class Renderer:
    def __init__(self, fonts: Path, seed: int, licensed_only: bool = False):
        self.rng = np.random.default_rng(seed)
        load = lambda names: [ImageFont.truetype(str(fonts / n), 120) for n in names if (fonts / n).exists()]
        self.eu = load(EU_FONTS)
        self.plain = [ImageFont.truetype(p, 120) for p in LEGEND_FONTS[:1] + LEGEND_FONTS[2:]]
        # The US fonts state no licence.
        self.us = self.eu + self.plain if licensed_only else load(US_FONTS)
        self.legend = [ImageFont.truetype(p, 28) for p in LEGEND_FONTS]

    def text(self, pattern: str) -> str:
        rng = self.rng
        pick = lambda chars: chars[rng.integers(len(chars))]
        return ''.join(pick(DIGITS) if c == '9' else pick(LETTERS) if c == 'A' else c for c in pattern)

    def glyph(self, font, char: str) -> np.ndarray:
        box = font.getbbox(char)
        image = Image.new('L', (max(box[2] - box[0], 1) + 4, 180), 0)
        ImageDraw.Draw(image).text((2 - box[0], 20), char, 255, font)
        return np.asarray(image)

    def row(self, font, text: str):
        """One line as a mask cut to its ink, the centre of each character as a fraction of its width, and the place of an emblem."""
        rng = self.rng
        gap = int(rng.uniform(4, 16))
        parts, centres, x, emblem = [], [], 0, None
        group = next((i for i in range(1, len(text)) if text[i].isdigit() != text[i - 1].isdigit()), len(text) // 2)
        if len(text) in (6, 7) and rng.random() < 0.3:  # Missouri and others part the plate in the middle, whatever stands there.
            group = 3
        separator = rng.random()
        for i, char in enumerate(text):
            if i == group and separator < 0.8 and len(text) > 4:
                width = int(rng.uniform(15, 50) if separator < 0.6 else rng.uniform(35, 75))
                blank = np.zeros((180, width), np.uint8)
                if separator >= 0.6:
                    emblem = (x, x + width)
                if separator < 0.4:
                    cx, cy, r = width // 2, int(rng.uniform(70, 110)), int(rng.uniform(5, max(6, min(22, width * 0.45))))
                    if rng.random() < 0.5:
                        cv2.circle(blank, (cx, cy), r, 255, -1)
                    else:
                        points = np.array([cx, cy]) + rng.uniform(-r, r, (7, 2))
                        cv2.fillPoly(blank, [points.astype(np.int32)], 255)
                parts.append(blank)
                x += width
            g = self.glyph(font, char)
            centres.append(x + g.shape[1] / 2)
            parts += [g, np.zeros((180, gap), np.uint8)]
            x += g.shape[1] + gap
        mask = np.hstack(parts)
        ink = np.flatnonzero(mask.max(1))
        mask = mask[ink[0]:ink[-1] + 1]
        return mask, np.array(centres) / mask.shape[1], emblem and np.array(emblem) / mask.shape[1]

    def stack(self, image, text, rect, colour, font, centres):
        """Two small characters above each other at the left or right end of `rect`; returns what is left of the text and of the rect."""
        rng = self.rng
        x, y, w, h = rect
        left = rng.random() < 0.7
        pair, rest = (text[:2], text[2:]) if left else (text[-2:], text[:-2])
        cell = h * rng.uniform(0.32, 0.42)
        at = x if left else x + w - cell
        found = []
        for k, char in enumerate(pair):
            self.draw_line(image, char, (at, y + k * h * 0.52, cell, h * 0.46), colour, font, found, 0)
        # The two share their columns: the upper one is told in those left of the lower one's, with room for a blank between two that are alike.
        found = [(char, fx + (k - 0.5) * STACK_APART, 0) for k, (char, fx, _) in enumerate(found)]
        shrunk = (x + cell * 1.15, y, w - cell * 1.15, h) if left else (x, y, w - cell * 1.15, h)
        if left:
            centres += found
        return rest, shrunk, [] if left else found

    def emblem(self, area, x1, x2):
        """Seals, shields and flags in colour between the groups: not a character, though some look like one."""
        rng, h = self.rng, area.shape[0]
        x1, x2 = int(x1) + 1, int(x2) - 1
        if x2 - x1 < 3:
            return
        colour = lambda: [float(v) for v in rng.integers(0, 256, 3)]
        cx, r = (x1 + x2) // 2, max(1, int((x2 - x1) * rng.uniform(0.3, 0.5)))
        kind = rng.random()
        if kind < 0.35:  # one or two seals above each other
            for cy in ([0.5] if rng.random() < 0.4 else [0.25, 0.75]):
                cv2.circle(area, (cx, int(cy * h)), r, colour(), -1, cv2.LINE_AA)
                cv2.circle(area, (cx, int(cy * h)), max(1, r // 2), colour(), -1, cv2.LINE_AA)
        elif kind < 0.75:  # a shield, parted
            top, bottom = int(h * rng.uniform(0.05, 0.35)), int(h * rng.uniform(0.6, 0.95))
            shield = np.array([[cx - r, top], [cx + r, top], [cx + r, (top + 2 * bottom) // 3], [cx, bottom], [cx - r, (top + 2 * bottom) // 3]])
            cv2.fillPoly(area, [shield], colour(), cv2.LINE_AA)
            cv2.rectangle(area, (cx - r // 2, top + (bottom - top) // 4), (cx + r // 2, (top + bottom) // 2), colour(), -1 if rng.random() < 0.5 else 1)
            if rng.random() < 0.5:
                cv2.polylines(area, [shield], True, colour(), 1, cv2.LINE_AA)
        else:  # a shape of a state or an animal
            points = np.array([cx, h // 2]) + rng.uniform(-1, 1, (9, 2)) * [r, h * 0.35]
            cv2.fillPoly(area, [points.astype(np.int32)], colour(), cv2.LINE_AA)

    def draw_line(self, image, text, rect, colour, font, centres, line):
        """Ink of one line into `rect` (x,y,w,h in pixels); appends (character, x fraction of the plate, line)."""
        rng = self.rng
        mask, at, emblem = self.row(font, text)
        x, y, w, h = rect
        natural = mask.shape[1] * h / mask.shape[0]
        width = int(min(w, natural * rng.uniform(0.85, 1.15)))
        mask = cv2.resize(mask, (max(width, 8), int(h)), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        left = int(x + (w - width) * np.clip(rng.normal(0.5, 0.12), 0, 1))
        top = int(y)
        area = image[top:top + mask.shape[0], left:left + mask.shape[1]]
        mask = mask[:area.shape[0], :area.shape[1], None]
        if rng.random() < 0.5:  # embossing: a lit and a shaded edge
            shade = np.roll(mask, (1, 1), (0, 1)) - np.roll(mask, (-1, -1), (0, 1))
            area += shade * rng.uniform(-40, 40)
        area[:] = area * (1 - mask) + np.array(colour, np.float32) * mask
        if emblem is not None:
            self.emblem(area, emblem[0] * width, emblem[1] * width)
        for char, fraction in zip(text, at):
            centres.append((char, (left + fraction * width) / image.shape[1], line))

    def legends(self, image, design):
        rng = self.rng
        for item in design['legends']:
            if rng.random() < 0.1:
                continue
            h, w = image.shape[:2]
            size = max(5, item['hFraction'] * h * rng.uniform(0.8, 1.3))
            font = self.legend[rng.integers(len(self.legend))]
            box = font.getbbox(item['text'])
            mask = Image.new('L', (box[2] + 4, box[3] + 4), 0)
            ImageDraw.Draw(mask).text((2, 2), item['text'], 255, font)
            mask = np.asarray(mask)
            width = min(int(mask.shape[1] * size / mask.shape[0]), int(w * 0.9))
            mask = cv2.resize(mask, (max(width, 4), max(int(size), 4)), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
            x, y = int(item['x'] * w - mask.shape[1] / 2), int(item['y'] * h - mask.shape[0] / 2)
            x, y = max(0, min(x, w - mask.shape[1])), max(0, min(y, h - mask.shape[0]))
            area = image[y:y + mask.shape[0], x:x + mask.shape[1]]
            mask = mask[:area.shape[0], :area.shape[1]]
            area[:] = area * (1 - mask) + np.array(ImageColor.getrgb(item['color']), np.float32) * mask

    def clutter(self, image):
        """Stickers, bolts and a dealer's frame: things on a plate that are not its text."""
        rng = self.rng
        h, w = image.shape[:2]
        for _ in range(rng.integers(0, 3)):
            sw, sh = int(rng.uniform(0.06, 0.13) * w), int(rng.uniform(0.08, 0.16) * h)
            x = int(rng.choice([0.02, 0.85]) * w + rng.uniform(0, 0.03) * w)
            y = int(rng.choice([0.03, 0.82]) * h)
            cv2.rectangle(image, (x, y), (x + sw, y + sh), [float(v) for v in rng.integers(0, 255, 3)], -1)
            cv2.putText(image, str(rng.integers(10, 99)), (x + 1, y + sh - 1), 0, 0.3, (0, 0, 0) if rng.random() < 0.5 else (255, 255, 255), 1)
        for x in (0.15, 0.85):
            if rng.random() < 0.5:
                cv2.circle(image, (int(x * w), int(rng.choice([0.08, 0.92]) * h)), int(rng.integers(1, 4)), [float(rng.integers(20, 200))] * 3, -1)
        if rng.random() < 0.25:
            colour = [float(v) for v in (rng.integers(0, 60, 3) if rng.random() < 0.7 else rng.integers(100, 255, 3))]
            t = int(rng.uniform(0.03, 0.1) * h)
            cv2.rectangle(image, (0, 0), (w - 1, h - 1), colour, t)
            cv2.rectangle(image, (0, h - int(1.6 * t)), (w - 1, h - 1), colour, -1)
            cv2.putText(image, self.text('AAAAA AAAA'), (int(0.15 * w), h - 3), 0, t / 18, (230, 230, 230), 1, cv2.LINE_AA)

    def plate(self, design=None, formats=None, stacked_share=STACKED_SHARE):
        """A plate of any design, or of the one given. -> RGB uint8 [96,w,3], characters [(char, x fraction, line)], code of its state."""
        rng = self.rng
        design = design or DESIGNS[rng.choice(len(DESIGNS), p=WEIGHTS)]
        formats = formats or design['formats']
        h = HEIGHT
        w = int(h * design['sizeMm']['width'] / design['sizeMm']['height'])
        colours = [np.array(ImageColor.getrgb(c), np.float32) for c in design['background']['colors']]
        stops = np.linspace(0, 1, max(len(colours), 2))
        colours = colours if len(colours) > 1 else colours * 2
        t = np.linspace(0, 1, h)
        column = np.stack([np.interp(t, stops, [c[k] for c in colours]) for k in range(3)], 1)
        image = np.repeat(column[:, None], w, 1).astype(np.float32)
        ink = np.array(ImageColor.getrgb(design['ink']), np.float32)
        if rng.random() < 0.2:  # another year's colours
            image += rng.normal(0, 25, 3)
            ink = ink + rng.normal(0, 25, 3)
        image = np.ascontiguousarray(np.clip(image, 0, 255).astype(np.float32))
        if 'band' in design and rng.random() < 0.8:
            band = max(4, int(design['band']['w'] * w))
            image[:, :band] = ImageColor.getrgb(design['band']['color'])
            if rng.random() < 0.7:  # the ring of stars
                for angle in np.arange(12) * np.pi / 6:
                    x, y = band / 2 + 0.33 * band * np.cos(angle), 0.3 * h + 0.33 * band * np.sin(angle)
                    cv2.circle(image, (int(x), int(y)), 1, (240.0, 210.0, 40.0), -1)
            if rng.random() < 0.15:  # the region at the right edge
                image[:, w - band // 2:] = ImageColor.getrgb(design['band']['color'])
        if 'header' in design:
            image[:int(design['header']['h'] * h)] = ImageColor.getrgb(design['header']['color'])
        if design['border'] and rng.random() < 0.6:
            cv2.rectangle(image, (1, 1), (w - 2, h - 2), [float(v) for v in ImageColor.getrgb(design['border']['color'])], 1)
        self.legends(image, design)
        fonts = self.us if design['country'] == 'US' else self.eu
        if rng.random() < 0.12:
            fonts = self.plain
        font = fonts[rng.integers(len(fonts))]
        lines = self.text(formats[rng.integers(len(formats))]).split('|')
        s, centres = design['sequence'], []
        row_h = s['h'] * h / len(lines)
        for k, line in enumerate(lines):
            fill = rng.uniform(0.85, 1.0) if len(lines) == 1 else rng.uniform(0.75, 0.92)
            rect = (s['x'] * w, s['y'] * h + k * row_h + row_h * (1 - fill) / 2, s['w'] * w, row_h * fill)
            after = []
            if design['country'] == 'US' and len(lines) == 1 and len(line) >= 5 and rng.random() < stacked_share:
                line, rect, after = self.stack(image, line, rect, ink, font, centres)
            self.draw_line(image, line, rect, ink, font, centres, k)
            centres += after
        image = np.clip(image, 0, 255).astype(np.uint8)
        self.clutter(image)
        return image, centres, design['state']

    def stacked_plate(self):
        """A US plate with two small characters above each other, of its state's serial numbers or a prefix; states as often as in the pool."""
        rng = self.rng
        p = WEIGHTS * [d['country'] == 'US' and d['id'].endswith('-passenger') for d in DESIGNS]
        formats = PREFIXED if rng.random() < PREFIXED_SHARE else None
        return self.plate(DESIGNS[rng.choice(len(DESIGNS), p=p / p.sum())], formats, stacked_share=1.0)


def build_pool(path: Path, fonts: Path, count: int, licensed_only: bool = False, seed: int = 7, stacked: bool = False):
    """Draws `count` plates into `path` (.bin, .json) in the format of `cache.ImageCache`; `stacked`: only such with a stacked prefix or suffix."""
    renderer, meta, places, offset = Renderer(fonts, seed, licensed_only), [], [], 0
    with open(path.with_suffix('.bin'), 'wb') as out:
        for _ in range(count):
            image, centres, state = renderer.stacked_plate() if stacked else renderer.plate()
            out.write(image.tobytes())
            places.append([offset, list(image.shape)])
            meta.append({'set': 'synthetic', 'chars': [[c, round(x, 4), line] for c, x, line in centres], 'state': state})
            offset += image.size
    path.with_suffix('.json').write_text(json.dumps({'meta': meta, 'places': places, 'licensedOnly': licensed_only}))
