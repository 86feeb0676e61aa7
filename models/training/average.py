"""Averages the weights of two readers of one line of training: `python average.py --readers A.pt B.pt --share 0.5 --out C.pt` (Wortsman et al. 2022)."""
import argparse
from pathlib import Path

import torch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--readers', type=Path, nargs=2, required=True)
    parser.add_argument('--share', type=float, default=0.5, help='how much the second counts')
    parser.add_argument('--out', type=Path, required=True)
    args = parser.parse_args()
    first, second = (torch.load(path, weights_only=False) for path in args.readers)
    mean = {k: v.lerp(second['ema'][k], args.share) if v.dtype.is_floating_point else v for k, v in first['ema'].items()}
    torch.save({'ema': mean, 'step': first['step'] + second['step']}, args.out)


if __name__ == '__main__':
    main()
