#!/bin/bash
# Trains the detector and the reader from scratch and exports the pair: models/train.sh DATA WORK [--licensed-only] [--smoke]
#   --licensed-only  leaves out the sets and fonts that state no licence
#   --smoke          every step, but short and on a few pictures of each set: shows in minutes that it runs; the shipped pair stays
# Each training step resumes from its last checkpoint in WORK when it is run again. Set PYTHON to choose the interpreter.
set -euo pipefail
usage() { echo "usage: models/train.sh DATA WORK [--licensed-only] [--smoke]  (DATA holds train/, validation/, fonts/)" >&2; exit 2; }
[ $# -ge 2 ] || usage
data=$(realpath "$1") work=$(realpath -m "$2") licensed= smoke=
shift 2
for argument in "$@"; do
  case $argument in
    --licensed-only) licensed=--licensed-only ;;
    --smoke) smoke=--smoke ;;
    *) echo "unknown argument: $argument" >&2; usage ;;
  esac
done
[ -d "$data/train" ] || { echo "$data: holds no train/" >&2; exit 2; }
python=${PYTHON:-python3}
cd "$(dirname "$0")"
shipped=$PWD
# Caches and checkpoints made with other sources are never mixed in.
[ -z "$licensed" ] || work="$work/licensed"
[ -z "$smoke" ] || work="$work/smoke"
mkdir -p "$work"
limit=() pool=30000 stacked=8000 count=300
[ -z "$smoke" ] || { limit=(--limit 24); pool=64; stacked=32; count=10; }
steps() { if [ -z "$smoke" ]; then echo "$1"; else echo 8; fi; }
began=$SECONDS
say() { echo "== $((SECONDS - began)) s: $*"; }

"$python" designs/make_designs.py
cd training
detector() { # name, steps, more arguments
  say "detector $1"
  "$python" train_detector.py --data "$data" --work "$work" --name "$1" --steps "$(steps "$2")" "${limit[@]}" "${@:3}"
}
reader() {
  say "reader $1"
  "$python" train_reader.py --data "$data" --work "$work" --name "$1" --steps "$(steps "$2")" --pool "$pool" "${limit[@]}" $licensed "${@:3}"
}
labels() { # cache to write: labels by the pair so far
  say "labels $1"
  "$python" pseudo_label.py --data "$data" --work "$work" --reader "$work/pair/weights/reader.onnx" --out "$1" "${limit[@]}" $licensed
}
pair() { # detector, reader, crops to calibrate on, the detector's threshold -> WORK/pair
  say "calibration and export of $1 and $2"
  "$python" calibrate.py --work "$work" --reader "$work/$2.pt" --crops "$3" --score "$4"
  "$python" export.py --detector "$work/$1.pt" --reader "$work/$2.pt" --calibration "$work/calibration.json" --out "$work/pair"
}
# First stage: the labels as they come.
detector detector-1 4200
reader reader-1 8000
pair detector-1 reader-1 crops 0.45
# Second stage: wrong labels out, certain new ones in, hard negatives, boxes that the scenes leave unlabelled.
labels crops-clean
"$python" find_unlabelled.py --work "$work" --manifest "$work/pair/manifest.json"
detector detector-2 3000 --init "$work/detector-1.pt" --lr 1.5e-3
reader reader-2 6000 --init "$work/reader-1.pt" --crops crops-clean --lr 1e-3 --real 0.5 0.75
pair detector-2 reader-2 crops-clean 0.45
# Third stage, for the reader: labels by the better reader. Fourth: plates with two small characters above each other mixed in; the mean with
# the reader before keeps what that one reads better.
labels crops-clean-2
reader reader-3 5000 --init "$work/reader-2.pt" --crops crops-clean-2 --lr 1e-3 --real 0.55 0.8
"$python" average.py --readers "$work/reader-2.pt" "$work/reader-3.pt" --out "$work/reader-mean.pt"
reader reader-4 2400 --init "$work/reader-mean.pt" --crops crops-clean-2 --lr 6e-4 --real 0.65 0.8 --stacked "$stacked"
"$python" average.py --readers "$work/reader-mean.pt" "$work/reader-4.pt" --share 0.6 --out "$work/reader.pt"
say "threshold of the detector"
"$python" choose_threshold.py --work "$work" --detector "$work/detector-2.pt"
pair detector-2 reader crops-clean-2 0.2
"$python" held_out.py --data "$data" --out "$work/held-out" "${limit[@]}"
"$python" massachusetts.py --data "$data" --out "$work/held-out" --count "$count" $licensed
cd ../..
say "measuring"
if [ -n "$smoke" ]; then
  npm run --silent evaluate -- --manifest "$work/pair/manifest.json" --data "$work/held-out"
else
  cp -r "$work/pair/." "$shipped"
  npm run evaluate -- --data "$data/validation,$work/held-out" --card
fi
say "done"
