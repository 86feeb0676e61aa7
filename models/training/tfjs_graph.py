"""Writes a TensorFlow.js graph model (model.json + one .bin) directly, op by op, without TensorFlow.

The format: https://github.com/tensorflow/tfjs/tree/master/tfjs-converter (GraphDef as JSON, strings in base64).
"""
import base64
import json
from pathlib import Path

import numpy as np


def text(value: str) -> dict:
    return {'s': base64.b64encode(value.encode()).decode()}


def ints(values) -> dict:
    return {'list': {'i': [str(int(v)) for v in values]}}


FLOAT, INT = {'type': 'DT_FLOAT'}, {'type': 'DT_INT32'}


class TfjsGraph:
    """Layout NHWC. Every method adds a node and returns its name."""

    def __init__(self):
        self.nodes, self.weights, self.outputs, self.inputs, self.count = [], [], {}, {}, 0

    def node(self, op, inputs, attr=None, name=None):
        self.count += 1
        name = name or f'n{self.count}_{op.strip("_")}'
        self.nodes.append({'name': name, 'op': op, 'input': list(inputs), 'attr': attr or {}})
        return name

    def placeholder(self, name, shape):
        dims = {'dim': [{'size': str(d)} for d in shape]}
        self.inputs[name] = {'name': f'{name}:0', 'dtype': 'DT_FLOAT', 'tensorShape': dims}
        return self.node('Placeholder', [], {'dtype': FLOAT, 'shape': {'shape': dims}}, name)

    def const(self, value):
        value = np.asarray(value)
        value = value.astype(np.int32 if value.dtype.kind == 'i' else np.float32)
        kind = INT if value.dtype == np.int32 else FLOAT
        dims = {'dim': [{'size': str(d)} for d in value.shape]}
        name = self.node('Const', [], {'dtype': kind, 'value': {'tensor': {'dtype': kind['type'], 'tensorShape': dims}}})
        self.weights.append((name, value))
        return name

    def conv(self, x, weight, bias, stride=(1, 1), pad=(0, 0), relu=False):
        """weight as in PyTorch [out,in,kh,kw]; symmetric explicit padding."""
        kernel = self.const(np.transpose(weight, (2, 3, 1, 0)))
        fused = [text('BiasAdd')['s']] + ([text('Relu')['s']] if relu else [])
        attr = {'T': FLOAT, 'strides': ints([1, *stride, 1]), 'dilations': ints([1, 1, 1, 1]), 'data_format': text('NHWC'),
                'padding': text('EXPLICIT'), 'explicit_paddings': ints([0, 0, pad[0], pad[0], pad[1], pad[1], 0, 0]),
                'fused_ops': {'list': {'s': fused}}, 'num_args': {'i': '1'}, 'epsilon': {'f': 0.0}}
        return self.node('_FusedConv2D', [x, kernel, self.const(bias)], attr)

    def binary(self, op, a, b):
        return self.node(op, [a, b if isinstance(b, str) else self.const(b)], {'T': FLOAT})

    def unary(self, op, x):
        return self.node(op, [x], {'T': FLOAT})

    def upsample2(self, x, h, w):
        attr = {'T': FLOAT, 'align_corners': {'b': False}, 'half_pixel_centers': {'b': False}}
        return self.node('ResizeNearestNeighbor', [x, self.const(np.array([2 * h, 2 * w], np.int32))], attr)

    def reshape(self, x, shape):
        return self.node('Reshape', [x, self.const(np.array(shape, np.int32))], {'T': FLOAT, 'Tshape': INT})

    def transpose(self, x, order):
        return self.node('Transpose', [x, self.const(np.array(order, np.int32))], {'T': FLOAT, 'Tperm': INT})

    def concat(self, parts, axis):
        return self.node('ConcatV2', [*parts, self.const(np.array(axis, np.int32))], {'T': FLOAT, 'Tidx': INT, 'N': {'i': str(len(parts))}})

    def slice(self, x, begin, size):
        return self.node('Slice', [x, self.const(np.array(begin, np.int32)), self.const(np.array(size, np.int32))], {'T': FLOAT, 'Index': INT})

    def clip(self, x, low, high):
        return self.binary('Minimum', self.binary('Maximum', x, np.float32(low)), np.float32(high))

    def matmul(self, x, weight, bias, relu=False):
        """weight as in PyTorch [out,in]."""
        attr = {'T': FLOAT, 'transpose_a': {'b': False}, 'transpose_b': {'b': False}}
        x = self.node('MatMul', [x, self.const(weight.T.copy())], attr)
        x = self.binary('AddV2', x, bias)
        return self.unary('Relu', x) if relu else x

    def output(self, name, x):
        self.node('Identity', [x], {'T': FLOAT}, name)
        self.outputs[name] = {'name': f'{name}:0', 'dtype': 'DT_FLOAT'}

    def save(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        manifest, blob = [], b''
        for name, value in self.weights:
            manifest.append({'name': name, 'shape': list(value.shape), 'dtype': 'int32' if value.dtype == np.int32 else 'float32'})
            blob += value.tobytes()
        (folder / 'weights.bin').write_bytes(blob)
        model = {'format': 'graph-model', 'generatedBy': 'platestream', 'convertedBy': 'platestream',
                 'signature': {'inputs': self.inputs, 'outputs': self.outputs},
                 'modelTopology': {'node': self.nodes, 'library': {}, 'versions': {'producer': 1}},
                 'weightsManifest': [{'paths': ['weights.bin'], 'weights': manifest}]}
        (folder / 'model.json').write_text(json.dumps(model, separators=(',', ':')))
