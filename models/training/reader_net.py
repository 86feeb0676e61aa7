"""The reader: plain convolutions, one CTC sequence over the columns of two rows (so two-line plates are read in order), and a state head."""
import torch
from torch import nn

from alphabet import ALPHABET, STATES
from detector_net import Residual, conv

WIDTH, HEIGHT = 160, 64
COLUMNS = WIDTH // 4


def stretch(cin: int, cout: int) -> nn.Sequential:
    """Halves the height, keeps the width."""
    return nn.Sequential(nn.Conv2d(cin, cout, 3, (2, 1), 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True))


class Reader(nn.Module):
    """RGB [N,3,64,160] 0..255 -> character logits [N,80,37] (40 columns of the upper row, then 40 of the lower; index 0 is the
    CTC blank) and state logits [N,S]. A plate of one line speaks in the upper row only."""

    def __init__(self, hidden: tuple[int, int] = (32, 64), state_channels: int = 48):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16, 2), conv(16, 32, 2), conv(32, 48), stretch(48, 64), Residual(64, hidden[0]), stretch(64, 96), Residual(96, hidden[1]))
        self.columns = nn.Sequential(
            nn.Conv2d(96, 144, (4, 1), bias=False), nn.BatchNorm2d(144), nn.ReLU(inplace=True),
            nn.Conv2d(144, 144, (1, 5), padding=(0, 2), bias=False), nn.BatchNorm2d(144), nn.ReLU(inplace=True))
        self.drop = nn.Dropout(0.1)
        self.characters = nn.Conv2d(144, 2 * len(ALPHABET), 1)
        self.state_body = nn.Sequential(conv(96, state_channels, 2), nn.Flatten(), nn.Linear(state_channels * 2 * (COLUMNS // 2), 96), nn.ReLU(inplace=True))
        self.state = nn.Linear(96, len(STATES))

    def forward(self, image):
        x = self.stem((image - 128.0) * (1 / 64))
        rows = self.characters(self.drop(self.columns(x)))[:, :, 0]
        n = len(ALPHABET)
        characters = torch.cat([rows[:, :n], rows[:, n:]], 2).transpose(1, 2)
        return characters, self.state(self.drop(self.state_body(x)))
