"""Training samples for the reader: clean synthetic plates and real crops, seen as a street camera would see them."""
import cv2
import numpy as np

from alphabet import INDEX, STATE_INDEX
from cache import ImageCache, is_held_out
from reader_net import COLUMNS, HEIGHT, WIDTH

MARGIN = 0.06
# The detector's edges scatter by about 4 % of a plate's width and 7 % of its height; real crops are shifted and scaled alike.
REAL_JITTER = 1.1
# How often a set of real crops is drawn; the many New York street crops and pseudo-labels do not drown the rest.
SET_WEIGHTS = {'us-street-crops': 0.24, 'us-crops': 0.3, 'br-crops': 0.26, 'us-designs': 0.05, 'us-street-pseudo': 0.2, 'eu-named': 0.1,
               'eu-pseudo': 0.2, 'world-pseudo': 0.07, 'romania-pseudo': 0.05}

NEGATIVE_SHARE = 0.04
# Plates with two small characters above each other: few in the pool, and the hardest to say in columns.
STACKED_SHARE = 0.2
NOTHING = ()
TIGHT = {'us-crops', 'us-designs', 'br-crops', 'eu-pseudo', 'eu-named'}


def blur(x, rng):
    kind = rng.random()
    if kind < 0.25:
        return cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 1.8))
    if kind < 0.5:
        n = int(rng.integers(2, 9))
        kernel = np.zeros((n, n), np.float32)
        kernel[n // 2] = 1 / n
        turn = cv2.getRotationMatrix2D(((n - 1) / 2, (n - 1) / 2), rng.uniform(0, 180), 1)
        kernel = cv2.warpAffine(kernel, turn, (n, n))
        return cv2.filter2D(x, -1, kernel / max(kernel.sum(), 1e-3))
    return x


def light(x, rng):
    """Exposure, contrast, night and infra-red, shadow, glare; x float32 RGB."""
    h, w = x.shape[:2]
    if rng.random() < 0.5:
        x = 255 * np.clip(x / 255, 0, 1) ** np.exp(rng.uniform(-0.9, 0.9))
    if rng.random() < 0.6:
        x = (x - 128) * rng.uniform(0.25, 1.2) + 128 + rng.uniform(-70, 50)
    if rng.random() < 0.3:
        x = x * rng.uniform(0.75, 1.25, (1, 1, 3)).astype(np.float32)
    if rng.random() < 0.2:
        grey = x @ np.array([0.299, 0.587, 0.114], np.float32)
        x = np.repeat(grey[..., None], 3, 2)
    if rng.random() < 0.06:
        x = 255 - x
    if rng.random() < 0.2:  # a shadow's edge
        a, b = rng.uniform(-1, 1, 2)
        yy, xx = np.mgrid[0:h, 0:w]
        mask = (a * (xx / w - rng.random()) + b * (yy / h - rng.random())) > 0
        x = np.where(mask[..., None], x * rng.uniform(0.35, 0.8), x)
    if rng.random() < 0.08:  # glare
        yy, xx = np.mgrid[0:h, 0:w]
        spot = np.exp(-(((xx - rng.random() * w) / (0.2 * w)) ** 2 + ((yy - rng.random() * h) / (0.4 * h)) ** 2))
        x = x + spot[..., None] * rng.uniform(40, 160)
    return x.astype(np.float32)


def degrade(image, rng, strength=1.0):
    """RGB uint8 of any size -> the same view at 60-160 px width, blurred, lit, compressed; then as the reader's input."""
    x = light(image.astype(np.float32), rng) if rng.random() < 0.9 * strength else image.astype(np.float32)
    if rng.random() < 0.75 * strength:
        width = int(np.exp(rng.uniform(np.log(44), np.log(170))))
        width = min(width, image.shape[1])
        height = max(12, int(image.shape[0] * width / image.shape[1]))
        x = cv2.resize(x, (width, height), interpolation=cv2.INTER_AREA)
    if strength > 0.5:
        x = blur(x, rng)
    if rng.random() < 0.5 * strength:
        x = x + rng.standard_normal(x.shape, np.float32) * rng.uniform(1, 14)
    x = np.clip(x, 0, 255).astype(np.uint8)
    if rng.random() < 0.4 * strength:
        _, code = cv2.imencode('.jpg', x[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(12, 75))])
        x = cv2.imdecode(code, cv2.IMREAD_COLOR)[..., ::-1]
    return x


def view(image, rng, corners, jitter):
    """Warps so that `corners` (of the plate in `image`, 4x2) land near the reader's frame; returns image and the matrix."""
    w, h = 2 * WIDTH, 2 * HEIGHT
    mx, my = MARGIN * w, MARGIN * h
    target = np.array([[mx, my], [w - mx, my], [w - mx, h - my], [mx, h - my]], np.float32)
    target[:, 0] += rng.normal(0, jitter * 0.035) * w
    target[:, 1] += rng.normal(0, jitter * 0.06) * h
    centre = target.mean(0)
    target = (target - centre) * np.exp(rng.normal([0, -0.02], [jitter * 0.05, jitter * 0.11])) + centre
    angle = np.deg2rad(rng.normal(0, jitter * 3.5))
    # The turn is a turn of the scene, not of the squeezed frame.
    squeeze = np.array([w, h]) / np.array([2.2, 1.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = ((target - centre) / squeeze) @ turn.T * squeeze + centre
    shear = rng.normal(0, jitter * 0.08)
    target[:, 0] += shear * (target[:, 1] - centre[1])
    target += rng.normal(0, jitter * 0.012, (4, 2)) * [w, h]
    m = cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32))
    return m, (w, h)


class ReaderData:
    def __init__(self, synthetic: ImageCache, real: ImageCache, backgrounds: ImageCache, extra: list | None = None, stacked: ImageCache | None = None):
        """`extra` (of find_unlabelled.py): per background image the boxes that look like a plate and are none; `stacked`: plates for STACKED_SHARE."""
        self.synthetic, self.real, self.backgrounds, self.stacked = synthetic, real, backgrounds, stacked
        self.negatives = [(i, box) for i, entry in enumerate(extra or []) for box in entry['negative'] if not is_held_out(backgrounds.meta[i]['file'])]
        by_set = {}
        for i, m in enumerate(real.meta):
            if not is_held_out(m['file']) and (m['text'] or m['state']):
                by_set.setdefault(m['set'], []).append(i)
        self.sets = by_set

    def pick_real(self, rng):
        weights = SET_WEIGHTS
        names = [n for n in self.sets if n in weights]
        p = np.array([weights[n] for n in names])
        members = self.sets[names[rng.choice(len(names), p=p / p.sum())]]
        return members[rng.integers(len(members))]

    def synthetic_sample(self, rng, pool: ImageCache):
        i = int(rng.integers(len(pool)))
        meta, plate = pool.meta[i], pool.image(i)
        h, w = plate.shape[:2]
        corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
        m, size = view(plate, rng, corners, 1.0)
        image = cv2.warpPerspective(plate, m, size, dst=self.background(size, rng), borderMode=cv2.BORDER_TRANSPARENT, flags=cv2.INTER_LINEAR)
        image = self.finish(image, rng)
        chars = meta['chars']
        lines = max(line for _, _, line in chars) + 1
        columns = []
        for c, x, line in chars:
            at = cv2.perspectiveTransform(np.array([[[x * w, h * (0.5 if lines == 1 else 0.35 + 0.35 * line)]]], np.float32), m)[0, 0, 0]
            columns.append((INDEX[c], at / size[0], line))
        return image, [INDEX[c] for c, _, _ in chars], STATE_INDEX[meta['state']], columns

    def background(self, size, rng):
        """A piece of some scene, tinted: what lies around a plate."""
        back = self.backgrounds.image(int(rng.integers(len(self.backgrounds))))
        bh, bw = back.shape[:2]
        cut = max(8, int(min(bh, bw) * rng.uniform(0.1, 0.5)))
        y, x = int(rng.integers(0, bh - cut + 1)), int(rng.integers(0, bw - cut + 1))
        back = cv2.resize(np.repeat(back[y:y + cut, x:x + cut, None], 3, 2), size)
        return np.clip(back * rng.uniform(0.2, 1.1, 3), 0, 255).astype(np.uint8)

    def real_sample(self, rng):
        meta_i = self.pick_real(rng)
        meta, crop = self.real.meta[meta_i], self.real.image(meta_i)
        h, w = crop.shape[:2]
        corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
        # Real crops already hold their own margin and turn.
        inset = 0.03 if meta['set'] in TIGHT else 0.05
        corners += np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [inset * w, inset * h] * rng.uniform(-0.5, 1.2)
        m, size = view(crop, rng, corners, REAL_JITTER)
        if rng.random() < 0.5:
            image = cv2.warpPerspective(crop, m, size, borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_LINEAR)
        else:
            image = cv2.warpPerspective(crop, m, size, dst=self.background(size, rng), borderMode=cv2.BORDER_TRANSPARENT, flags=cv2.INTER_LINEAR)
        image = self.finish(image, rng, 0.8 if meta['set'] != 'us-street-crops' else 0.6)
        text = meta['text']
        chars = [INDEX[c] for c in text] if text and all(c in INDEX for c in text) else []
        state = STATE_INDEX.get(meta['state'] or '', -1)
        return image, chars, state, []

    def negative_sample(self, rng):
        """What the detector takes for a plate and is none: nothing to read (every column is told the blank)."""
        i, (x1, y1, x2, y2) = self.negatives[rng.integers(len(self.negatives))]
        corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)
        m, size = view(None, rng, corners, 1.5)
        grey = cv2.warpPerspective(self.backgrounds.image(i), m, size, borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_LINEAR)
        image = np.repeat(grey[..., None], 3, 2)
        if rng.random() < 0.6:  # These pictures are grey: any tint.
            image = np.clip(image * rng.uniform(0.6, 1.25, 3), 0, 255).astype(np.uint8)
        return self.finish(image, rng, 0.5), [], -1, NOTHING

    def finish(self, image, rng, strength=1.0):
        x = degrade(image, rng, strength)
        x = cv2.resize(x, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA if x.shape[1] > WIDTH else cv2.INTER_LINEAR)
        if rng.random() < 0.12:
            cw, ch = int(rng.integers(4, 24)), int(rng.integers(4, 20))
            cx, cy = int(rng.integers(0, WIDTH - cw)), int(rng.integers(0, HEIGHT - ch))
            x = x.copy()
            x[cy:cy + ch, cx:cx + cw] = rng.integers(0, 255)
        return x

    def sample(self, rng, real_share: float):
        if self.negatives and rng.random() < NEGATIVE_SHARE:
            return self.negative_sample(rng)
        if self.stacked and rng.random() < STACKED_SHARE:
            return self.synthetic_sample(rng, self.stacked)
        return self.real_sample(rng) if rng.random() < real_share else self.synthetic_sample(rng, self.synthetic)


def upright(crop: np.ndarray, inset: float) -> np.ndarray:
    """A real crop as the reader sees it when nothing is degraded (for measuring)."""
    h, w = crop.shape[:2]
    px, py = int((MARGIN - inset) * w), int((MARGIN - inset) * h)
    if px > 0:
        crop = cv2.copyMakeBorder(crop, py, py, px, px, cv2.BORDER_REPLICATE)
    return cv2.resize(crop, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA if crop.shape[1] > WIDTH else cv2.INTER_LINEAR)


def column_targets(columns):
    """Which character each of the 2 x 40 columns should see: [80] with -1 = do not care."""
    if columns is NOTHING:
        return np.zeros(2 * COLUMNS, np.int64)
    target = np.full(2 * COLUMNS, -1, np.int64)
    for char, x, line in columns:
        k = int(x * COLUMNS)
        if 0 <= k < COLUMNS:
            target[line * COLUMNS + k] = char
    if columns and max(line for _, _, line in columns) == 0:
        target[COLUMNS:] = 0
    return target
