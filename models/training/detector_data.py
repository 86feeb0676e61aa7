"""Training samples for the detector: scenes placed on a canvas at a random scale, degraded as a street camera would."""
import cv2
import numpy as np

from cache import ImageCache, is_held_out

# Only the main car is boxed in these: a confident detection elsewhere is not punished.
PARTLY_LABELLED = {'scenes-world', 'scenes-us'}
# Stored squeezed to a square: widened at random.
SQUEEZED = {'scenes-us', 'scenes-openimages'}
PAD = 114
NEGATIVE_SHARE = 0.3


def degrade(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    x = image.astype(np.float32)
    if rng.random() < 0.7:
        gamma = np.exp(rng.uniform(-0.7, 0.7))
        x = 255 * (x / 255) ** gamma
    if rng.random() < 0.7:
        x = (x - 128) * rng.uniform(0.4, 1.3) + 128 + rng.uniform(-50, 40)
    if rng.random() < 0.08:
        x = 255 - x
    kind = rng.random()
    if kind < 0.15:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.4, 1.6))
    elif kind < 0.3:
        n = int(rng.integers(2, 8))
        kernel = np.zeros((n, n), np.float32)
        if rng.random() < 0.7:
            kernel[n // 2] = 1 / n
        else:
            np.fill_diagonal(kernel, 1 / n)
        x = cv2.filter2D(x, -1, kernel)
    if rng.random() < 0.4:
        x += rng.standard_normal(x.shape, np.float32) * rng.uniform(1, 12)
    x = np.clip(x, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        ok, code = cv2.imencode('.jpg', x, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 70))])
        x = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)
    return x


class DetectorData:
    def __init__(self, cache: ImageCache, extra: list | None = None, width: int = 640, height: int = 384):
        """`extra` (of find_unlabelled.py): per image the boxes to add to its labels, and those to ignore."""
        self.cache, self.width, self.height, self.extra = cache, width, height, extra
        kept = [i for i, m in enumerate(cache.meta) if not is_held_out(m['file'])]
        self.with_plate = [i for i in kept if cache.meta[i]['boxes']]
        self.without = [i for i in kept if not cache.meta[i]['boxes']]
        # Small sets would drown: draw sets by the root of their size.
        by_set = {}
        for i in self.with_plate:
            by_set.setdefault(cache.meta[i]['set'], []).append(i)
        self.sets = list(by_set.values())
        weight = np.array([len(s) ** 0.75 for s in self.sets])
        self.set_weight = weight / weight.sum()

    def pick(self, rng):
        if rng.random() < NEGATIVE_SHARE:
            return int(rng.choice(self.without))
        members = self.sets[rng.choice(len(self.sets), p=self.set_weight)]
        return members[rng.integers(len(members))]

    def place(self, canvas, area, rng):
        """Draws one scene into `area` (x, y, w, h) of the canvas; returns its boxes (x1,y1,x2,y2) and whether it is wholly labelled."""
        ax, ay, aw, ah = area
        i = self.pick(rng)
        meta, image = self.cache.meta[i], self.cache.image(i)
        h, w = image.shape
        boxes = np.array(meta['boxes'], np.float32).reshape(-1, 4)
        ignored = np.zeros((0, 4), np.float32)
        if self.extra:
            corner = lambda found: np.array([[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in found], np.float32).reshape(-1, 4)
            boxes = np.concatenate([boxes, corner(self.extra[i]['add'])])
            ignored = corner(self.extra[i]['ignore'])
        aspect = rng.uniform(1.0, 1.6) if meta['set'] in SQUEEZED else np.exp(rng.uniform(-0.12, 0.12))
        if len(boxes):
            focus = boxes[rng.integers(len(boxes))]
            wanted = np.exp(rng.uniform(np.log(16), np.log(320)))
            scale = wanted / max(focus[2] * aspect, 4.0)
            scale = min(max(scale, 0.2), 2.6)
            centre = (focus[0] + focus[2] / 2, focus[1] + focus[3] / 2)
        else:
            scale = np.exp(rng.uniform(np.log(0.5), np.log(1.8)))
            centre = (rng.uniform(0.2, 0.8) * w, rng.uniform(0.2, 0.8) * h)
        sx, sy = scale * aspect, scale
        angle = np.deg2rad(rng.normal(0, 3)) if rng.random() < 0.5 else 0.0
        shear = rng.normal(0, 0.04)
        a = np.array([[np.cos(angle) * sx, (-np.sin(angle) + shear) * sy], [np.sin(angle) * sx, np.cos(angle) * sy]])
        flip = rng.random() < 0.5
        if flip:
            a[:, 0] *= -1
        # The focus lands somewhere inside the area.
        tx = ax + rng.uniform(0.12, 0.88) * aw
        ty = ay + rng.uniform(0.12, 0.88) * ah
        b = np.array([tx, ty]) - a @ np.array(centre)
        m = np.hstack([a, b[:, None]]).astype(np.float32)
        shifted = m - np.array([[0, 0, ax], [0, 0, ay]], np.float32)
        behind = self.background(aw, ah, rng)
        warped = cv2.warpAffine(image, shifted, (aw, ah), dst=behind, borderMode=cv2.BORDER_TRANSPARENT,
                                flags=cv2.INTER_AREA if scale < 0.6 else cv2.INTER_LINEAR)
        canvas[ay:ay + ah, ax:ax + aw] = degrade(warped, rng)
        out = []
        for k, (x, y, bw, bh) in enumerate(np.concatenate([boxes, ignored])):
            corners = np.array([[x, y], [x + bw, y], [x, y + bh], [x + bw, y + bh]]) @ a.T + b
            x1, y1 = corners.min(0)
            x2, y2 = corners.max(0)
            full = (x2 - x1) * (y2 - y1)
            x1, x2 = np.clip([x1, x2], ax, ax + aw)
            y1, y2 = np.clip([y1, y2], ay, ay + ah)
            visible = (x2 - x1) * (y2 - y1) / max(full, 1e-3)
            size_ok = x2 - x1 >= 10 and y2 - y1 >= 5
            out.append((x1, y1, x2, y2, 1.0 if k < len(boxes) and visible > 0.75 and size_ok else 0.0))
        return out, meta['set'] not in PARTLY_LABELLED

    def background(self, width, height, rng):
        """What shows where the scene does not reach: a plate-free image, or flat grey."""
        if rng.random() < 0.3:
            return np.full((height, width), PAD if rng.random() < 0.5 else int(rng.integers(0, 255)), np.uint8)
        image = self.cache.image(int(rng.choice(self.without)))
        h, w = image.shape
        zoom = rng.uniform(0.4, 1.0)
        cw, ch = max(16, int(w * zoom)), max(16, int(h * zoom))
        x, y = int(rng.integers(0, w - cw + 1)), int(rng.integers(0, h - ch + 1))
        return cv2.resize(image[y:y + ch, x:x + cw], (width, height), interpolation=cv2.INTER_LINEAR)

    def sample(self, rng):
        """-> luma [H,W] uint8, boxes [n,5] (x1,y1,x2,y2, 1 = wanted / 0 = ignore), regions [m,5] (x1,y1,x2,y2, 1 = wholly labelled)."""
        canvas = np.full((self.height, self.width), PAD, np.uint8)
        areas = self.split(rng)
        boxes, regions = [], []
        for area in areas:
            placed, whole = self.place(canvas, area, rng)
            boxes += placed
            regions.append((area[0], area[1], area[0] + area[2], area[1] + area[3], float(whole)))
        return canvas, np.array(boxes, np.float32).reshape(-1, 5), np.array(regions, np.float32)

    def split(self, rng):
        w, h = self.width, self.height
        kind = rng.random()
        if kind < 0.35:
            return [(0, 0, w, h)]
        cut = int(rng.uniform(0.35, 0.65) * w)
        if kind < 0.75:
            return [(0, 0, cut, h), (cut, 0, w - cut, h)]
        row = int(rng.uniform(0.4, 0.6) * h)
        return [(0, 0, cut, row), (cut, 0, w - cut, row), (0, row, cut, h - row), (cut, row, w - cut, h - row)]
