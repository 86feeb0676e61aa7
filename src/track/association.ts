import { iou } from '../data/box.js';
import type { Candidate } from '../data/candidate.js';
import { centreX, centreY, type Pass, predictedBox } from './pass.js';
import { editDistance } from './text_distance.js';

const sizeRatioMax = 1.8;
/** Farther from the predicted place than this many plate widths it is another vehicle, unless the text says otherwise. */
const reachWidths = 1.6;
const reachWidthsSameText = 3.5;

/** Pairs candidates with passes, surest pairs first; what is left over starts a pass of its own. */
export function assign(candidates: readonly Candidate[], passes: readonly Pass[], atMs: number): Map<Candidate, Pass> {
  const pairs = candidates
    .flatMap((candidate) => passes.map((pass) => ({ candidate, pass, score: affinity(pass, candidate, atMs) })))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const pairing = new Map<Candidate, Pass>();
  const taken = new Set<Pass>();
  for (const { candidate, pass } of pairs) {
    if (pairing.has(candidate) || taken.has(pass)) continue;
    pairing.set(candidate, pass);
    taken.add(pass);
  }
  return pairing;
}

/** How surely a candidate is this pass, 0 = it is not: near where the vehicle must be by now, of similar size, not of another text. */
function affinity(pass: Pass, candidate: Candidate, atMs: number): number {
  const { box } = candidate;
  const ratio = box.width / pass.box.width;
  if (ratio > sizeRatioMax || ratio < 1 / sizeRatioMax) return 0;
  const kinship = textKinship(pass, candidate);
  const predicted = predictedBox(pass, atMs);
  const overlapping = Math.max(iou(predicted, box), iou(pass.box, box));
  if (overlapping > 0.3 || (overlapping > 0 && kinship >= 0)) return 2 + overlapping + kinship;
  if (kinship < 0) return 0;
  const distance =
    Math.hypot(centreX(box) - centreX(predicted), centreY(box) - centreY(predicted)) /
    Math.max(box.width, pass.box.width);
  const reach = kinship > 0 ? reachWidthsSameText : reachWidths;
  return distance < reach ? 1 - distance / reach + kinship : 0;
}

/** 1 = the same text, -1 = surely another one, 0 = cannot tell. */
function textKinship({ verdict }: Pass, { alternatives }: Candidate): number {
  const best = alternatives[0];
  if (!best || !verdict || verdict.text.length < 3) return 0;
  const distance = editDistance(best.text, verdict.text);
  if (distance <= 1) return 1;
  const sure = best.confidence > 0.6 && verdict.confidence > 0.6;
  return sure && distance > verdict.text.length / 2 ? -1 : 0;
}
