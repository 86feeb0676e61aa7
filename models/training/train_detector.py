"""Trains the detector: `python train_detector.py --data DIR --work DIR --steps N`. Resumes from its last checkpoint."""
import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset

from cache import ImageCache, build
from detector_data import DetectorData
from detector_net import STRIDES, Detector, cell_centres, decode

TRAIN_SETS = ['scenes-world', 'scenes-romania', 'scenes-us', 'scenes-openimages', 'no-plate']
GIOU_WEIGHT = 2.0
NEGATIVE_WEIGHT = 2.0


class Stream(IterableDataset):
    def __init__(self, cache_path: Path, seed: int):
        self.cache_path, self.seed = cache_path, seed

    def __iter__(self):
        import cv2
        cv2.setNumThreads(0)
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, info.id if info else 0])
        extra = self.cache_path.with_name('detector-extra.json')
        data = DetectorData(ImageCache(self.cache_path), json.loads(extra.read_text()) if extra.exists() else None)
        while True:
            yield data.sample(rng)


def collate(samples):
    images = torch.from_numpy(np.stack([s[0] for s in samples]))[:, None]
    return images, [torch.from_numpy(s[1]) for s in samples], [torch.from_numpy(s[2]) for s in samples]


def targets(levels, boxes, regions):
    """Per level: positive mask, matched box, weight of the objectness loss, and whether confident negatives are forgiven."""
    result = []
    for level, stride in zip(levels, STRIDES):
        b, _, h, w = level.shape
        cx, cy = cell_centres(h, w, stride)
        positive = torch.zeros(b, h, w, dtype=torch.bool)
        matched = torch.zeros(b, 4, h, w)
        weight = torch.ones(b, h, w)
        forgiving = torch.zeros(b, h, w, dtype=torch.bool)
        for i in range(b):
            for x1, y1, x2, y2, whole in regions[i].tolist():
                if not whole:
                    forgiving[i][(cx > x1) & (cx < x2) & (cy > y1) & (cy < y2)] = True
            for x1, y1, x2, y2, wanted in sorted(boxes[i].tolist(), key=lambda r: -(r[2] - r[0]) * (r[3] - r[1])):
                inside = (cx > x1) & (cx < x2) & (cy > y1) & (cy < y2)
                weight[i][inside] = 0.0
                size = max(x2 - x1, 2 * (y2 - y1))
                if not wanted or (size > 120 if stride == 8 else size < 72):
                    continue
                mx, my = (x1 + x2) / 2, (y1 + y2) / 2
                rx = max(0.75 * stride, min(1.5 * stride, 0.3 * (x2 - x1)))
                ry = max(0.75 * stride, min(1.5 * stride, 0.3 * (y2 - y1)))
                near = ((cx - mx).abs() < rx) & ((cy - my).abs() < ry)
                positive[i] |= near
                weight[i][near] = 1.0
                matched[i][:, near] = torch.tensor([x1, y1, x2, y2])[:, None]
        result.append((positive, matched, weight, forgiving))
    return result


def giou(p, q):
    """Generalised IoU of boxes [n,4] (Rezatofighi et al. 2019), and plain IoU."""
    lt, rb = torch.max(p[:, :2], q[:, :2]), torch.min(p[:, 2:], q[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(1)
    area = lambda x: (x[:, 2:] - x[:, :2]).clamp(min=0).prod(1)
    union = area(p) + area(q) - inter + 1e-6
    hull = (torch.max(p[:, 2:], q[:, 2:]) - torch.min(p[:, :2], q[:, :2])).prod(1) + 1e-6
    iou = inter / union
    return iou - (hull - union) / hull, iou


def loss_of(levels, boxes, regions):
    object_loss, box_loss, count = 0.0, 0.0, 0
    for level, stride, (positive, matched, weight, forgiving) in zip(levels, STRIDES, targets(levels, boxes, regions)):
        _, _, h, w = level.shape
        cx, cy = cell_centres(h, w, stride)
        logits = level[:, 0]
        quality = torch.zeros_like(logits)
        n = int(positive.sum())
        if n:
            d = level[:, 1:].permute(0, 2, 3, 1)[positive].clamp(-6, 4).exp() * stride
            px, py = cx.expand_as(logits)[positive], cy.expand_as(logits)[positive]
            predicted = torch.stack([px - d[:, 0], py - d[:, 1], px + d[:, 2], py + d[:, 3]], 1)
            g, iou = giou(predicted, matched.permute(0, 2, 3, 1)[positive])
            box_loss = box_loss + (1 - g).sum()
            quality[positive] = iou.detach().clamp(0.3, 1)
            count += n
        p = logits.sigmoid()
        with torch.no_grad():
            # Quality focal loss (Li et al. 2020); a plate that nobody labelled is not unlearnt, what is surely none weighs more.
            focal = (quality - p).abs() ** 2
            focal = torch.where(positive, focal, focal * NEGATIVE_WEIGHT)
            focal = torch.where(forgiving & ~positive & (p > 0.35), 0.0, focal)
        object_loss = object_loss + (F.binary_cross_entropy_with_logits(logits, quality, reduction='none') * focal * weight).sum()
    count = max(count, 1)
    return object_loss / count, box_loss / count


@torch.no_grad()
def nms(boxes, threshold: float, iou_max: float = 0.4):
    """boxes [N,5] numpy -> kept rows, best first."""
    boxes = boxes[boxes[:, 4] > threshold]
    boxes = boxes[np.argsort(-boxes[:, 4])][:200]
    kept = []
    while len(boxes):
        best, rest = boxes[0], boxes[1:]
        kept.append(best)
        lt, rb = np.maximum(best[:2], rest[:, :2]), np.minimum(best[2:4], rest[:, 2:4])
        inter = np.clip(rb - lt, 0, None).prod(1)
        area = lambda b: (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
        small = np.minimum(area(best), area(rest))
        overlap = np.maximum(inter / (area(best) + area(rest) - inter + 1e-6), (inter / (small + 1e-6)) * 0.5)
        boxes = rest[overlap < iou_max]
    return np.array(kept).reshape(-1, boxes.shape[1] if boxes.ndim == 2 else 5)


def best_ious(found, truth):
    """For each truth box [x,y,w,h] the best IoU among found [N,5]."""
    out = []
    for x, y, w, h in truth:
        best = 0.0
        for f in found:
            iw = min(f[2], x + w) - max(f[0], x)
            ih = min(f[3], y + h) - max(f[1], y)
            if iw > 0 and ih > 0:
                best = max(best, iw * ih / ((f[2] - f[0]) * (f[3] - f[1]) + w * h - iw * ih))
        out.append(best)
    return out


def letterboxed(image):
    """Luma [h,w] at the upper left of a grey 640x384 canvas, and its scale."""
    import cv2
    h, w = image.shape
    scale = min(640 / w, 384 / h)
    canvas = np.full((384, 640), 114, np.uint8)
    small = cv2.resize(image, (int(w * scale), int(h * scale)), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    canvas[:small.shape[0], :small.shape[1]] = small
    return canvas, scale


@torch.no_grad()
def validate(model, cache: ImageCache, threshold: float = 0.3):
    """Recall at IoU 0.5 / 0.3 and boxes without a label per image, by set."""
    model.eval()
    stats = {}
    for i, meta in enumerate(cache.meta):
        canvas, scale = letterboxed(cache.image(i))
        found = nms(decode(model(torch.from_numpy(canvas).float()[None, None]))[0].numpy(), threshold)
        found[:, :4] /= scale
        ious = best_ious(found, meta['boxes'])
        s = stats.setdefault(meta['set'], [0, 0, 0, 0, 0])
        s[0] += 1
        s[1] += len(ious)
        s[2] += sum(v >= 0.5 for v in ious)
        s[3] += sum(v >= 0.3 for v in ious)
        s[4] += max(0, len(found) - sum(v >= 0.3 for v in ious))
    model.train()
    return {k: f'recall@.5 {v[2] / max(v[1], 1):.3f} @.3 {v[3] / max(v[1], 1):.3f} extra/img {v[4] / v[0]:.2f}' for k, v in stats.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--name', default='detector')
    parser.add_argument('--steps', type=int, default=4000)
    parser.add_argument('--batch', type=int, default=16)
    parser.add_argument('--lr', type=float, default=2e-3)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--init', type=Path)
    parser.add_argument('--limit', type=int, help='images of each set (for a trial)')
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    train_path = args.work / 'detector-train'
    if not train_path.with_suffix('.json').exists():
        build(train_path, [args.data / 'train' / s for s in TRAIN_SETS], luma=True, side_max=1024, limit=args.limit)
    val_path = args.work / 'detector-validation'
    if not val_path.with_suffix('.json').exists():
        build(val_path, sorted((args.data / 'validation').iterdir()), luma=True, side_max=1280, limit=args.limit)
    validation = ImageCache(val_path)
    model = Detector().to(memory_format=torch.channels_last)
    if args.init:
        model.load_state_dict(torch.load(args.init, weights_only=False)['ema'])
    average = copy.deepcopy(model).eval()
    decay, plain = [], []
    for p in model.parameters():
        (decay if p.ndim > 1 else plain).append(p)
    optimiser = torch.optim.AdamW([{'params': decay, 'weight_decay': 0.02}, {'params': plain, 'weight_decay': 0}], lr=args.lr)
    checkpoint_path = args.work / f'{args.name}.pt'
    step = 0
    if checkpoint_path.exists():
        state = torch.load(checkpoint_path, weights_only=False)
        model.load_state_dict(state['model'])
        average.load_state_dict(state['ema'])
        optimiser.load_state_dict(state['optimiser'])
        step = state['step']
    loader = DataLoader(Stream(train_path, seed=1 + step), batch_size=args.batch, num_workers=1, collate_fn=collate, prefetch_factor=4)
    started, window = time.time(), []
    for images, boxes, regions in loader:
        warm = min(1.0, (step + 1) / 200)
        lr = args.lr * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / args.steps)))
        for group in optimiser.param_groups:
            group['lr'] = lr
        x = images.float().to(memory_format=torch.channels_last)
        with torch.autocast('cpu', torch.bfloat16):
            levels = model(x)
        object_loss, box_loss = loss_of([level.float() for level in levels], boxes, regions)
        loss = object_loss + GIOU_WEIGHT * box_loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimiser.step()
        step += 1
        keep = min(0.998, 1 - 1 / (step + 1) if step < 500 else 0.998)
        with torch.no_grad():
            for a, m in zip(average.state_dict().values(), model.state_dict().values()):
                if a.dtype.is_floating_point:
                    a.lerp_(m, 1 - keep)
                else:
                    a.copy_(m)
        window.append((float(object_loss), float(box_loss)))
        if step % 50 == 0:
            o, g = np.mean(window, 0)
            window = []
            print(f'step {step} object {o:.3f} box {g:.3f} lr {lr:.5f} {(time.time() - started) / 50:.2f} s/step', flush=True)
            started = time.time()
        if step % 500 == 0 or step == args.steps:
            torch.save({'model': model.state_dict(), 'ema': average.state_dict(), 'optimiser': optimiser.state_dict(), 'step': step}, checkpoint_path)
            if step % 1000 == 0 or step == args.steps:
                for name, text in validate(average, validation).items():
                    print(f'  {name}: {text}', flush=True)
            started = time.time()
        if step >= args.steps:
            break


if __name__ == '__main__':
    main()
