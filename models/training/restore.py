"""Makes a trainable checkpoint from shipped ONNX weights, so that training can go on from them: `python restore.py --work DIR`.

The exported graphs hold each convolution with its batch normalisation folded in. Here the folded weight goes back into the convolution,
the normalisation takes the mean and variance of the convolution's output on real crops, and its scale and shift undo them: the very
same function, and one that trains as if it had never been folded. A reader with more inner channels than the present network is first
pruned to it: the channels that carry the least into the next layer go. Recipe 2 started this way from the reader of recipe 1.
"""
import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from cache import ImageCache
from detector_data import DetectorData
from detector_net import Detector
from reader_data import upright
from reader_net import Reader

MODELS = Path(__file__).parents[1]
FEATURES = '/model/at8/at8.1/Add_output_0'


def initializers(path: Path):
    """Parameters by their name in the PyTorch module (the exporter wraps it as `model`)."""
    return {t.name.removeprefix('model.'): torch.from_numpy(onnx.numpy_helper.to_array(t).copy()) for t in onnx.load(path).graph.initializer}


def units(module: nn.Module, prefix=''):
    """(name after folding, convolution, normalisation) of each pair that the export folds."""
    for name, child in module.named_children():
        if isinstance(child, nn.Sequential):
            layers, norms = list(child), 0
            for i, layer in enumerate(layers):
                if isinstance(layer, nn.BatchNorm2d):
                    yield f'{prefix}{name}.{i - 1 - norms}', layers[i - 1], layer
                    norms += 1
        yield from units(child, f'{prefix}{name}.')


@torch.no_grad()
def restore(model: nn.Module, folded: dict, example: torch.Tensor):
    """Loads what `folded` holds into `model`; `example` is a batch of inputs from which the statistics are taken, layer after layer."""
    model.eval()
    pairs = [unit for unit in units(model) if f'{unit[0]}.weight' in folded]
    own = dict(model.named_parameters())
    for name in own.keys() & folded.keys():
        if own[name].shape == folded[name].shape:
            own[name].copy_(folded[name])
    seen = {}
    hooks = []
    for name, convolution, norm in pairs:
        convolution.weight.copy_(folded[f'{name}.weight'])
        bias = folded[f'{name}.bias']

        def settle(_, __, out, name=name, norm=norm, bias=bias):
            mean, var = out.mean((0, 2, 3)), out.var((0, 2, 3), unbiased=False)
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(var)
            norm.weight.copy_(torch.sqrt(var + norm.eps))
            norm.bias.copy_(bias + mean)
            seen[name] = True

        hooks.append(convolution.register_forward_hook(settle))
    model(example)
    for hook in hooks:
        hook.remove()
    assert len(seen) == len(pairs), 'a folded layer was not reached'
    return model


@torch.no_grad()
def pruned(folded: dict, example: torch.Tensor) -> dict:
    """`folded` of a wider reader, cut to the present inner widths."""
    wide_hidden = tuple(folded[f'stem.{k}.first.0.weight'].shape[0] for k in (4, 6))
    wide = restore(Reader(wide_hidden, folded['state_body.0.0.weight'].shape[0]), folded, example)
    narrow, out = Reader().state_dict(), dict(folded)

    def keep(inner: str, module: nn.Module, outgoing: torch.Tensor):
        """Indices of the channels of convolution `inner` with the largest mean square times outgoing weight [channels]."""
        seen = []
        hook = module.register_forward_hook(lambda _, __, out: seen.append(out.square().mean((0, 2, 3))))
        wide(example)
        hook.remove()
        count = narrow[f'{inner}.weight'].shape[0]
        return (seen[0] * outgoing).argsort(descending=True)[:count].sort().values

    for k in (4, 6):
        inner, outer = f'stem.{k}.first.0', f'stem.{k}.second.0'
        kept = keep(inner, wide.stem[k].first, folded[f'{outer}.weight'].square().sum((0, 2, 3)))
        out[f'{inner}.weight'], out[f'{inner}.bias'] = folded[f'{inner}.weight'][kept], folded[f'{inner}.bias'][kept]
        out[f'{outer}.weight'] = folded[f'{outer}.weight'][:, kept]
    linear = folded['state_body.2.weight']
    by_channel = linear.reshape(len(linear), folded['state_body.0.0.weight'].shape[0], -1)
    kept = keep('state_body.0.0', wide.state_body[0], by_channel.square().sum((0, 2)))
    out['state_body.0.0.weight'], out['state_body.0.0.bias'] = folded['state_body.0.0.weight'][kept], folded['state_body.0.0.bias'][kept]
    out['state_body.2.weight'] = by_channel[:, kept].reshape(len(linear), -1)
    return out


def like_old_detector(path: Path, scenes: Path, steps=300):
    """The present detector from an older one's ONNX: what fits is copied; stem and stride 8 learn to give the older one's features."""
    graph = onnx.load(path)
    graph.graph.output.append(onnx.helper.make_tensor_value_info(FEATURES, onnx.TensorProto.FLOAT, None))
    teacher = onnxruntime.InferenceSession(graph.SerializeToString(), providers=['CPUExecutionProvider'])
    data, rng = DetectorData(ImageCache(scenes)), np.random.default_rng(3)
    sample = lambda n: np.stack([data.sample(rng)[0] for _ in range(n)])[:, None].astype(np.float32)
    model, folded = Detector(), initializers(path)
    student = nn.Sequential(model.stem, model.at8)
    optimiser = torch.optim.AdamW(student.parameters(), lr=3e-3)
    for step in range(steps):
        images = sample(8)
        wanted = torch.from_numpy(np.concatenate([teacher.run([FEATURES], {'image': image[None]})[0] for image in images]))
        for group in optimiser.param_groups:
            group['lr'] = 3e-3 * (1 - step / steps) + 1e-5
        with torch.autocast('cpu', torch.bfloat16):
            loss = nn.functional.mse_loss(student((torch.from_numpy(images) - 114.0) / 64).float(), wanted) / wanted.var()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 50 == 0:
            print(f'features {step}: {loss.item():.3f}', flush=True)
    rest = {name: value for name, value in folded.items() if not name.startswith(('stem', 'at8'))}
    return restore(model, rest, torch.from_numpy(sample(16)))


def crops(path: Path, count=256):
    cache, rng = ImageCache(path), np.random.default_rng(0)
    picked = [upright(cache.image(int(i)), 0.03) for i in rng.choice(len(cache), count, replace=False)]
    return torch.from_numpy(np.stack(picked)).permute(0, 3, 1, 2).float()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--weights', type=Path, default=MODELS / 'weights', help='folder with detector.onnx and reader.onnx')
    parser.add_argument('--only', choices=['detector', 'reader'])
    args = parser.parse_args()
    torch.manual_seed(1)
    if args.only != 'detector':
        example = crops(args.work / 'crops')
        model = restore(Reader(), pruned(initializers(args.weights / 'reader.onnx'), example), example)
        torch.save({'ema': model.state_dict(), 'step': 0}, args.work / 'reader-restored.pt')
    if args.only != 'reader':
        model = like_old_detector(args.weights / 'detector.onnx', args.work / 'detector-train')
        torch.save({'ema': model.state_dict(), 'step': 0}, args.work / 'detector-restored.pt')


if __name__ == '__main__':
    main()
