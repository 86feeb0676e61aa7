"""Trains the reader: `python train_reader.py --data DIR --work DIR --steps N`. Resumes from its last checkpoint."""
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

from alphabet import ALPHABET, STATE_INDEX, STATES
from cache import ImageCache, build, is_held_out
from reader_data import ReaderData, column_targets, upright
from reader_net import Reader
from synthetic import build_pool

REAL_SETS = ['us-street-crops', 'us-crops', 'br-crops', 'us-designs']
UNLICENSED_SETS = {'us-street-crops', 'us-designs'}


class Stream(IterableDataset):
    def __init__(self, paths: tuple[Path, Path, Path], stacked: Path | None, seed: int, share):
        self.paths, self.stacked, self.seed, self.share = paths, stacked, seed, share

    def __iter__(self):
        import cv2
        cv2.setNumThreads(0)
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, info.id if info else 0])
        extra = self.paths[2].with_name('detector-extra.json')
        negatives = json.loads(extra.read_text()) if extra.exists() else None
        data = ReaderData(*(ImageCache(path) for path in self.paths), negatives, self.stacked and ImageCache(self.stacked))
        while True:
            yield data.sample(rng, self.share.value)


def collate(samples):
    images = torch.from_numpy(np.stack([s[0] for s in samples])).permute(0, 3, 1, 2).contiguous()
    lengths = torch.tensor([len(s[1]) for s in samples])
    texts = torch.tensor([c for s in samples for c in s[1]], dtype=torch.long)
    states = torch.tensor([s[2] for s in samples])
    columns = torch.from_numpy(np.stack([column_targets(s[3]) for s in samples]))
    return images, texts, lengths, states, columns


def greedy(logits):
    """[80,A] -> text by best path."""
    best = logits.argmax(-1).tolist()
    return ''.join(ALPHABET[k] for j, k in enumerate(best) if k and (j == 0 or best[j - 1] != k))


@torch.no_grad()
def measure(model, cache: ImageCache):
    """Whole-plate accuracy and state accuracy on the held-out part of the training crops, by set."""
    model.eval()
    stats = {}
    for i, meta in enumerate(cache.meta):
        if not is_held_out(meta['file']) or not meta['text'] or meta['set'].endswith('-pseudo'):
            continue
        image = torch.from_numpy(upright(cache.image(i), 0.03)).permute(2, 0, 1)[None].float()
        chars, state = model(image)
        s = stats.setdefault(meta['set'], [0, 0, 0, 0])
        s[0] += 1
        s[1] += greedy(chars[0]) == meta['text']
        if meta['state'] in STATE_INDEX:
            s[2] += 1
            s[3] += STATES[int(state[0].argmax())] == meta['state']
    model.train()
    return {k: f'text {v[1] / v[0]:.3f} of {v[0]}, state {v[3] / max(v[2], 1):.3f}' for k, v in stats.items()}


def refuse_unlicensed(plates_index: Path, real: ImageCache):
    """Caches made without --licensed-only must not be reused under it."""
    found = {m['set'] for m in real.meta} & (UNLICENSED_SETS | {'us-street-pseudo'})
    if found or not json.loads(plates_index.read_text()).get('licensedOnly'):
        raise SystemExit(f'--licensed-only: the caches beside {plates_index} were made with unlicensed sources ({", ".join(sorted(found)) or "fonts"}); use another --work folder')


def main():
    import torch.multiprocessing as mp
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--name', default='reader')
    parser.add_argument('--steps', type=int, default=8000)
    parser.add_argument('--batch', type=int, default=96)
    parser.add_argument('--lr', type=float, default=2e-3)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--pool', type=int, default=30000)
    parser.add_argument('--plates', default='plates', help='name of the pool of synthetic plates in the work folder')
    parser.add_argument('--stacked', type=int, default=0, help='draw so many plates with two characters above each other, and mix them in')
    parser.add_argument('--crops', default='crops', help='name of the cache of real crops in the work folder')
    parser.add_argument('--real', type=float, nargs=2, default=(0.35, 0.7), help='share of real crops at the start and at the end')
    parser.add_argument('--init', type=Path, help='start from these weights (fine-tuning): no auxiliary warm-up')
    parser.add_argument('--limit', type=int, help='images of each set (for a trial)')
    parser.add_argument('--licensed-only', action='store_true', help='leave out the sets that state no licence')
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    if not (args.work / f'{args.plates}.json').exists():
        build_pool(args.work / args.plates, args.data / 'fonts', args.pool, args.licensed_only)
    stacked = args.work / 'plates-stacked' if args.stacked else None
    if stacked and not stacked.with_suffix('.json').exists():
        build_pool(stacked, args.data / 'fonts', args.stacked, args.licensed_only, seed=17, stacked=True)
    sets = [s for s in REAL_SETS if not (args.licensed_only and s in UNLICENSED_SETS)]
    if not (args.work / f'{args.crops}.json').exists():
        build(args.work / args.crops, [args.data / 'train' / s for s in sets], luma=False, side_max=320, limit=args.limit)
    real = ImageCache(args.work / args.crops)
    if args.licensed_only:
        for pool in filter(None, (args.work / args.plates, stacked)):
            refuse_unlicensed(pool.with_suffix('.json'), real)
    model = Reader().to(memory_format=torch.channels_last)
    if args.init:
        model.load_state_dict(torch.load(args.init, weights_only=False)['ema'])
    average = copy.deepcopy(model).eval()
    decay, plain = [], []
    for p in model.parameters():
        (decay if p.ndim > 1 else plain).append(p)
    optimiser = torch.optim.AdamW([{'params': decay, 'weight_decay': 0.03}, {'params': plain, 'weight_decay': 0}], lr=args.lr)
    path, step = args.work / f'{args.name}.pt', 0
    if path.exists():
        saved = torch.load(path, weights_only=False)
        model.load_state_dict(saved['model'])
        average.load_state_dict(saved['ema'])
        optimiser.load_state_dict(saved['optimiser'])
        step = saved['step']
    share = mp.Value('d', args.real[0])
    paths = (args.work / args.plates, args.work / args.crops, args.work / 'detector-train')
    loader = DataLoader(Stream(paths, stacked, 1 + step, share), batch_size=args.batch, num_workers=1, collate_fn=collate, prefetch_factor=4)
    started, window = time.time(), []
    for images, texts, lengths, states, columns in loader:
        # Half synthetic at the start, mostly real at the end.
        share.value = args.real[0] + (args.real[1] - args.real[0]) * step / args.steps
        lr = args.lr * min(1.0, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / args.steps)))
        for group in optimiser.param_groups:
            group['lr'] = lr
        x = images.float().to(memory_format=torch.channels_last)
        with torch.autocast('cpu', torch.bfloat16):
            logits, state_logits = model(x)
        logits, state_logits = logits.float(), state_logits.float()
        log_p = logits.log_softmax(-1)
        # Where nothing is to be read every column is blank: a text of length 0. Crops without a known text teach the state only.
        has_text = (lengths > 0) | (columns == 0).all(1)
        ctc = F.ctc_loss(log_p[has_text].transpose(0, 1), texts, torch.full((int(has_text.sum()),), logits.shape[1]), lengths[has_text],
                         zero_infinity=True, reduction='none')
        ctc = (ctc / lengths[has_text].clamp(min=4)).mean()
        # CTC alone would not start: each column is told which character it should see.
        known = columns >= 0
        aux = F.cross_entropy(logits[known], columns[known]) if known.any() else torch.zeros(())
        known_state = states >= 0
        state = F.cross_entropy(state_logits[known_state], states[known_state], label_smoothing=0.05)
        aux_weight = 0.05 if args.init else max(0.05, 1.0 - step / 1500)
        loss = ctc + aux_weight * aux + 0.25 * state
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        step += 1
        keep = min(0.998, 1 - 1 / (step + 1) if step < 500 else 0.998)
        with torch.no_grad():
            for a, m in zip(average.state_dict().values(), model.state_dict().values()):
                if a.dtype.is_floating_point:
                    a.lerp_(m, 1 - keep)
                else:
                    a.copy_(m)
        window.append((ctc.item(), aux.item(), state.item()))
        if step % 50 == 0:
            c, a, s = np.mean(window, 0)
            window = []
            print(f'step {step} ctc {c:.3f} aux {a:.3f} state {s:.3f} lr {lr:.5f} {(time.time() - started) / 50:.2f} s/step', flush=True)
            started = time.time()
        if step % 500 == 0 or step == args.steps:
            torch.save({'model': model.state_dict(), 'ema': average.state_dict(), 'optimiser': optimiser.state_dict(), 'step': step}, path)
            for name, text in measure(average, real).items():
                print(f'  {name}: {text}', flush=True)
            started = time.time()
        if step >= args.steps:
            break


if __name__ == '__main__':
    main()
