#!/bin/bash
# Trains the detector and the reader from scratch and exports the pair: models/train.sh DATA WORK [--licensed-only]
# Each step resumes from its last checkpoint in WORK when it is run again. Set PYTHON to choose the interpreter.
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: models/train.sh DATA WORK [--licensed-only]  (DATA holds train/, validation/, fonts/)" >&2
  exit 2
fi
data=$(realpath "$1") work=$(realpath -m "$2") licensed=${3:-}
python=${PYTHON:-python3}
if [ -n "$licensed" ] && [ "$licensed" != --licensed-only ]; then
  echo "unknown argument: $licensed (only --licensed-only is known)" >&2
  exit 2
fi
cd "$(dirname "$0")"
# Caches and checkpoints made with other sources are never mixed in.
[ -z "$licensed" ] || work="$work/licensed"
mkdir -p "$work"
"$python" designs/make_designs.py
cd training
"$python" train_detector.py --data "$data" --work "$work" --steps 4200
"$python" train_reader.py --data "$data" --work "$work" --steps 7000 $licensed
crops=crops
if [ -z "$licensed" ]; then
  "$python" pseudo_label.py --data "$data" --work "$work" --readers "$work/reader.pt"
  crops=crops-pseudo
fi
"$python" train_reader.py --data "$data" --work "$work" --name reader-ft --init "$work/reader.pt" --crops "$crops" --steps 2000 --lr 8e-4 --real 0.6 0.85 $licensed
"$python" calibrate.py --work "$work" --reader "$work/reader-ft.pt"
"$python" export.py --detector "$work/detector.pt" --reader "$work/reader-ft.pt" --calibration "$work/calibration.json"
node parity.mjs
"$python" evaluate.py --data "$data/validation"
