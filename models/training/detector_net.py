"""The detector: plain 3x3 convolutions (fast on every CPU), heads at strides 8 and 16, anchor-free."""
import torch
from torch import nn
from torch.nn import functional as F

STRIDES = (8, 16)


def conv(cin: int, cout: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    # Explicit symmetric padding: the exporter writes it as a Pad, so that TensorFlow and ONNX agree at stride 2.
    return nn.Sequential(
        nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.first = conv(channels, hidden)
        self.second = conv(hidden, channels)

    def forward(self, x):
        return x + self.second(self.first(x))


class Head(nn.Module):
    """Per cell: objectness logit, and log distances (in strides) to the left, top, right and bottom edge."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = conv(channels, channels)
        self.out = nn.Conv2d(channels, 5, 1)
        nn.init.constant_(self.out.bias, 0.0)
        self.out.bias.data[0] = -4.6

    def forward(self, x):
        return self.out(self.body(x))


class Detector(nn.Module):
    """Luma [B,1,H,W] 0..255, H and W multiples of 32 -> two maps [B,5,H/s,W/s]; `decode` turns them into boxes."""

    def __init__(self):
        super().__init__()
        # Channels in multiples of 16, the width of a vector register; the inner convolutions at stride 8 are the dearest and kept thin.
        c = (16, 32, 48, 64, 96)
        self.stem = nn.Sequential(conv(1, c[0], 2), conv(c[0], c[1], 2))
        self.at8 = nn.Sequential(conv(c[1], c[2], 2), Residual(c[2], 16))
        self.at16 = nn.Sequential(conv(c[2], c[3], 2), Residual(c[3], 64))
        self.at32 = nn.Sequential(conv(c[3], c[4], 2), Residual(c[4], 96))
        self.lateral32 = conv(c[4], c[3], 1, 1)
        self.lateral16 = conv(c[3], c[2], 1, 1)
        self.head16 = Head(c[3])
        self.head8 = Head(c[2])

    def forward(self, image):
        x = (image - 114.0) * (1 / 64)
        at8 = self.at8(self.stem(x))
        at16 = self.at16(at8)
        at32 = self.at32(at16)
        at16 = at16 + F.interpolate(self.lateral32(at32), scale_factor=2, mode='nearest')
        at8 = at8 + F.interpolate(self.lateral16(at16), scale_factor=2, mode='nearest')
        return self.head8(at8), self.head16(at16)


def cell_centres(h: int, w: int, stride: int, device=None):
    ys, xs = torch.meshgrid(torch.arange(h, device=device), torch.arange(w, device=device), indexing='ij')
    return (xs + 0.5) * stride, (ys + 0.5) * stride


def decode_level(level, stride: int):
    """[B,5,h,w] -> boxes [B,h*w,5] as x1,y1,x2,y2,score in input pixels."""
    b, _, h, w = level.shape
    cx, cy = cell_centres(h, w, stride, level.device)
    score = level[:, 0:1].sigmoid()
    d = level[:, 1:].clamp(-6, 4).exp() * stride
    boxes = torch.cat([cx - d[:, 0:1], cy - d[:, 1:2], cx + d[:, 2:3], cy + d[:, 3:4], score], 1)
    return boxes.reshape(b, 5, h * w).transpose(1, 2)


def decode(levels):
    return torch.cat([decode_level(level, stride) for level, stride in zip(levels, STRIDES)], 1)
