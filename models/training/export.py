"""Exports the trained pair: ONNX and TensorFlow.js of the same weights, and `models/manifest.json` with their SHA-256."""
import argparse
import copy
import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from alphabet import ALPHABET, STATES
from detector_net import STRIDES, Detector, Residual, decode
from reader_net import COLUMNS, HEIGHT, WIDTH, Reader
from tfjs_graph import TfjsGraph

MODELS = Path(__file__).parents[1]
DETECTOR_SIZE = (640, 384)
# The labels the detector learnt from are drawn looser than the plate: its boxes are drawn in by these shares of their width and height.
SHRINK = (0.02, 0.08)
# The reader's crop is the box, grown by these shares.
CROP_MARGIN = (0.0, 0.0)
# One glyph each on British plates (Display of Registration Marks Regulations 2001, schedule 4).
TWIN_GLYPHS = {'GB': ['1I', '0O']}
# A box of low score is a plate only if its text is sure: chosen on held-out scenes without plates and in view of validation's recall.
# In stills, less sure texts are guesses: a third of what was reported in training scenes without plates. Both are the probabilities chosen for
# recipe 3 (0.46 and 0.04 before calibration), on the scale of recipe 4's confidence.
DOUBT = {'belowScore': 0.6, 'confidenceMin': 0.61, 'dropBelowScore': 0.4, 'stillConfidenceMin': 0.15}
# For stills two more framings are read, and their probabilities averaged.
FURTHER_MARGINS = [(0.03, 0.05), (-0.02, -0.04)]


def fold(model: nn.Module) -> nn.Module:
    """Batch normalisation folded into the convolution before it."""
    for name, child in list(model.named_children()):
        if isinstance(child, nn.Sequential):
            layers, out = list(child), []
            for layer in layers:
                if isinstance(layer, nn.BatchNorm2d):
                    out[-1] = torch.nn.utils.fusion.fuse_conv_bn_eval(out[-1], layer)
                else:
                    out.append(fold(layer))
            setattr(model, name, nn.Sequential(*out))
        else:
            fold(child)
    if isinstance(model, nn.Sequential):
        layers, out = list(model), []
        for layer in layers:
            if isinstance(layer, nn.BatchNorm2d):
                out[-1] = torch.nn.utils.fusion.fuse_conv_bn_eval(out[-1], layer)
            else:
                out.append(layer)
        return nn.Sequential(*out)
    return model


class DetectorForExport(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image):
        x1, y1, x2, y2, score = decode(self.model(image)).split(1, 2)
        dx, dy = (x2 - x1) * SHRINK[0], (y2 - y1) * SHRINK[1]
        return torch.cat([x1 + dx, y1 + dy, x2 - dx, y2 - dy, score], 2)


class ReaderForExport(nn.Module):
    def __init__(self, model, temperature):
        super().__init__()
        self.model, self.temperature = model, temperature

    def forward(self, plates):
        characters, state = self.model(plates)
        return (characters / self.temperature[0]).softmax(-1), (state / self.temperature[1]).softmax(-1)


def add(graph: TfjsGraph, layer, x):
    """One PyTorch module (batch normalisation already folded) -> TFJS nodes."""
    if isinstance(layer, nn.Sequential):
        layers = list(layer)
        i = 0
        while i < len(layers):
            relu = i + 1 < len(layers) and isinstance(layers[i + 1], nn.ReLU)
            if isinstance(layers[i], nn.Conv2d):
                x = add_conv(graph, layers[i], x, relu)
                i += 2 if relu else 1
            else:
                x = add(graph, layers[i], x)
                i += 1
        return x
    if isinstance(layer, nn.Conv2d):
        return add_conv(graph, layer, x, False)
    if isinstance(layer, Residual):
        return graph.binary('AddV2', x, add(graph, layer.second, add(graph, layer.first, x)))
    raise TypeError(type(layer))


def add_conv(graph, c, x, relu):
    return graph.conv(x, c.weight.detach().numpy(), c.bias.detach().numpy(), c.stride, c.padding, relu)


def detector_tfjs(model: Detector, folder: Path):
    width, height = DETECTOR_SIZE
    g = TfjsGraph()
    x = g.placeholder('image', [1, height, width, 1])
    x = g.binary('Mul', g.binary('Sub', x, np.float32(114.0)), np.float32(1 / 64))
    at8 = add(g, model.at8, add(g, model.stem, x))
    at16 = add(g, model.at16, at8)
    at32 = add(g, model.at32, at16)
    at16 = g.binary('AddV2', at16, g.upsample2(add(g, model.lateral32, at32), height // 32, width // 32))
    at8 = g.binary('AddV2', at8, g.upsample2(add(g, model.lateral16, at16), height // 16, width // 16))
    parts = []
    for head, x, stride in ((model.head8, at8, STRIDES[0]), (model.head16, at16, STRIDES[1])):
        h, w = height // stride, width // stride
        flat = g.reshape(add(g, head.out, add(g, head.body, x)), [1, h * w, 5])
        score = g.unary('Sigmoid', g.slice(flat, [0, 0, 0], [1, h * w, 1]))
        distance = g.unary('Exp', g.clip(g.slice(flat, [0, 0, 1], [1, h * w, 4]), -6, 4))
        ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
        centre = np.stack([xs, ys, xs, ys], -1).reshape(1, h * w, 4) * stride + stride / 2
        sign = np.array([-1, -1, 1, 1], np.float32) * stride
        sx, sy = SHRINK
        inward = np.array([[1 - sx, 0, sx, 0], [0, 1 - sy, 0, sy], [sx, 0, 1 - sx, 0], [0, sy, 0, 1 - sy]], np.float32)
        corners = g.reshape(g.binary('AddV2', g.binary('Mul', distance, sign), centre), [h * w, 4])
        boxes = g.reshape(g.matmul(corners, inward, np.zeros(4, np.float32)), [1, h * w, 4])
        parts.append(g.concat([boxes, score], 2))
    g.output('boxes', g.concat(parts, 1))
    g.save(folder)


def reader_tfjs(model: Reader, temperature, folder: Path):
    g = TfjsGraph()
    x = g.placeholder('plates', [-1, HEIGHT, WIDTH, 3])
    x = g.binary('Mul', g.binary('Sub', x, np.float32(128.0)), np.float32(1 / 64))
    x = add(g, model.stem, x)
    n = len(ALPHABET)
    rows = g.reshape(add(g, model.characters, add(g, model.columns, x)), [-1, COLUMNS, 2 * n])
    upper, lower = g.slice(rows, [0, 0, 0], [-1, COLUMNS, n]), g.slice(rows, [0, 0, n], [-1, COLUMNS, n])
    logits = g.binary('Mul', g.concat([upper, lower], 1), np.float32(1 / temperature[0]))
    g.output('chars', g.unary('Softmax', logits))
    body = list(model.state_body)
    y = add(g, body[0], x)
    linear = [m for m in body if isinstance(m, nn.Linear)][0]
    y = g.reshape(g.transpose(y, [0, 3, 1, 2]), [-1, linear.in_features])
    y = g.matmul(y, linear.weight.detach().numpy(), linear.bias.detach().numpy(), relu=True)
    y = g.matmul(y, model.state.weight.detach().numpy(), model.state.bias.detach().numpy())
    g.output('state', g.unary('Softmax', g.binary('Mul', y, np.float32(1 / temperature[1]))))
    g.save(folder)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def export_onnx(model, example, path, names, outputs, dynamic):
    torch.onnx.export(model, (example,), str(path), input_names=[names], output_names=outputs, dynamic_axes=dynamic, opset_version=17, dynamo=False)
    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    ours = model(example)
    ours = ours if isinstance(ours, tuple) else (ours,)
    for a, b in zip(ours, session.run(None, {names: example.numpy()})):
        assert np.abs(a.detach().numpy() - b).max() < 2e-2 * max(1, np.abs(b).max()) * 0.1, np.abs(a.detach().numpy() - b).max()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--detector', type=Path, help='checkpoint; without it the shipped detector stays')
    parser.add_argument('--reader', type=Path, required=True)
    parser.add_argument('--calibration', type=Path, required=True, help='JSON of calibrate.py: temperatures, confidence, thresholds, layouts')
    parser.add_argument('--out', type=Path, default=MODELS, help='folder for manifest.json and weights/ (default: the shipped pair)')
    parser.add_argument('--recipe', default='4')
    args = parser.parse_args()
    calibration = json.loads(args.calibration.read_text())
    temperature = (calibration['temperature'], calibration['stateTemperature'])
    weights = args.out / 'weights'
    weights.mkdir(parents=True, exist_ok=True)
    manifest_file = args.out / 'manifest.json'
    w, h = DETECTOR_SIZE
    if args.detector:
        saved = torch.load(args.detector, weights_only=False)
        detector_recipe = f'detector-{args.recipe}-{saved["step"]}'
        detector = Detector().eval()
        detector.load_state_dict(saved['ema'])
        detector = fold(detector)
        export_onnx(DetectorForExport(detector), torch.rand(1, 1, h, w) * 255, weights / 'detector.onnx', 'image', ['boxes'],
                    {'image': {2: 'height', 3: 'width'}, 'boxes': {1: 'cells'}})
        detector_tfjs(copy.deepcopy(detector), weights / 'detector-tfjs')
    else:
        detector_recipe = json.loads(manifest_file.read_text())['detector']['recipe']
    saved = torch.load(args.reader, weights_only=False)
    reader = Reader().eval()
    reader.load_state_dict(saved['ema'])
    reader.drop = nn.Identity()
    reader = fold(reader)
    export_onnx(ReaderForExport(reader, temperature), torch.rand(2, 3, HEIGHT, WIDTH) * 255, weights / 'reader.onnx', 'plates', ['chars', 'state'],
                {'plates': {0: 'n'}, 'chars': {0: 'n'}, 'state': {0: 'n'}})
    reader_tfjs(copy.deepcopy(reader), temperature, weights / 'reader-tfjs')

    def files(name):
        onnx, folder = weights / f'{name}.onnx', weights / f'{name}-tfjs'
        place = lambda p: str(p.relative_to(args.out))
        return {'onnx': {'file': place(onnx), 'sha256': sha256(onnx)},
                'tfjs': {'file': place(folder / 'model.json'), 'sha256': sha256(folder / 'model.json'),
                         'weights': [{'file': place(folder / 'weights.bin'), 'sha256': sha256(folder / 'weights.bin')}]}}

    manifest = {
        'version': 1,
        'detector': {'recipe': detector_recipe, **files('detector'),
                     'input': {'name': 'image', 'width': w, 'height': h, 'channels': 1, 'pad': 114, 'layout': 'NCHW', 'dynamic': True, 'multipleOf': 32},
                     'output': {'name': 'boxes'}, 'scoreThreshold': calibration['scoreThreshold'], 'nmsIou': 0.4},
        'reader': {'recipe': f'reader-{args.recipe}-{saved["step"]}', **files('reader'),
                   'input': {'name': 'plates', 'width': WIDTH, 'height': HEIGHT, 'channels': 3, 'layout': 'NCHW', 'margin': {'x': CROP_MARGIN[0], 'y': CROP_MARGIN[1]},
                             'furtherMargins': [{'x': x, 'y': y} for x, y in FURTHER_MARGINS]},
                   'outputs': {'chars': 'chars', 'state': 'state'}, 'alphabet': ALPHABET, 'states': STATES,
                   'unknownStateThreshold': calibration['unknownState'], 'calibration': calibration['calibration'],
                   'doubt': DOUBT, 'layoutPrior': calibration['layoutPrior'], 'twinGlyphs': TWIN_GLYPHS,
                   'layouts': calibration['layouts']},
    }
    manifest_file.write_text(json.dumps(manifest, indent=1) + '\n')
    print('exported', manifest['detector']['recipe'], manifest['reader']['recipe'])


if __name__ == '__main__':
    main()
