"""What the reader can say. Index 0 of the characters is the CTC blank."""
import json
from pathlib import Path

ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
INDEX = {c: i for i, c in enumerate(ALPHABET)}
DESIGNS = json.loads((Path(__file__).parents[1] / 'designs' / 'plate-designs.json').read_text())['designs']
STATES = sorted({d['state'] for d in DESIGNS})
STATE_INDEX = {s: i for i, s in enumerate(STATES)}
