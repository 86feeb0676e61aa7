import type { Box } from '../data/box.js';
import type { Candidate } from '../data/candidate.js';
import type { Frame } from '../data/frame.js';
import type { Direction, Evidence } from '../data/read.js';
import { rules } from './rules.js';
import { type Reading, readingOf, type Verdict, vote } from './vote.js';

/** One vehicle pass being followed. */
export interface Pass {
  readonly number: number;
  box: Box;
  /** Frame pixels a millisecond. */
  velocity: { x: number; y: number };
  readonly firstBox: Box;
  readonly firstSeenAtMs: number;
  lastSeenAtMs: number;
  /** Frames it was found in. */
  sightings: number;
  misses: number;
  /** Since when it has not moved; `null` while it moves. */
  stillSinceMs: number | null;
  readonly readings: Reading[];
  widestReadWidth: number;
  readonly states: Map<string, number>;
  verdict: Verdict | null;
  /** Votes in a row that gave the same text. */
  stableVotes: number;
  bestQuality: number;
  evidence: { readonly images: Evidence; readonly frame: Frame; readonly box: Box } | null;
  toldText: string | null;
  revision: number;
  finished: boolean;
}

export function startPass(number: number, box: Box, atMs: number): Pass {
  return {
    number,
    box,
    velocity: { x: 0, y: 0 },
    firstBox: box,
    firstSeenAtMs: atMs,
    lastSeenAtMs: atMs,
    sightings: 0,
    misses: 0,
    stillSinceMs: null,
    readings: [],
    widestReadWidth: 0,
    states: new Map(),
    verdict: null,
    stableVotes: 0,
    bestQuality: 0,
    evidence: null,
    toldText: null,
    revision: 0,
    finished: false,
  };
}

/** Where the plate must be at that time, if the vehicle goes on as it did. */
export function predictedBox(pass: Pass, atMs: number): Box {
  const elapsedMs = Math.max(0, atMs - pass.lastSeenAtMs);
  return { ...pass.box, x: pass.box.x + pass.velocity.x * elapsedMs, y: pass.box.y + pass.velocity.y * elapsedMs };
}

/** Takes a sighting into the pass: its place, its speed, and its reading if it was read. */
export function follow(pass: Pass, candidate: Candidate, atMs: number): void {
  move(pass, candidate.box, atMs);
  const reading = readingOf(candidate);
  if (!reading) return;
  pass.readings.push(reading);
  if (pass.readings.length > rules.readingsMax) dropLightest(pass.readings);
  pass.widestReadWidth = Math.max(pass.widestReadWidth, candidate.box.width);
  const before = pass.verdict?.text;
  pass.verdict = vote(pass.readings);
  pass.stableVotes = pass.verdict?.text === before ? pass.stableVotes + 1 : 1;
  const { state } = candidate;
  if (state) pass.states.set(state.code, (pass.states.get(state.code) ?? 0) + reading.weight * state.confidence);
}

function move(pass: Pass, box: Box, atMs: number): void {
  const elapsedMs = atMs - pass.lastSeenAtMs;
  if (elapsedMs > 0) {
    const keep = pass.sightings < 2 ? 0 : 0.4;
    const [x, y] = [centreX(box) - centreX(pass.box), centreY(box) - centreY(pass.box)];
    pass.velocity = {
      x: keep * pass.velocity.x + (1 - keep) * (x / elapsedMs),
      y: keep * pass.velocity.y + (1 - keep) * (y / elapsedMs),
    };
    const widthsPerSecond = (1000 * Math.hypot(x, y)) / elapsedMs / box.width;
    // A box trembles by a pixel or two: over a short time that is no movement.
    const stands = widthsPerSecond < rules.stillWidthsPerSecond || Math.hypot(x, y) < 2.5;
    pass.stillSinceMs = stands ? (pass.stillSinceMs ?? pass.lastSeenAtMs) : null;
  }
  pass.box = box;
  pass.lastSeenAtMs = Math.max(pass.lastSeenAtMs, atMs);
  pass.sightings += 1;
  pass.misses = 0;
}

export const centreX = (box: Box) => box.x + box.width / 2;
export const centreY = (box: Box) => box.y + box.height / 2;

function dropLightest(readings: Reading[]): void {
  let lightest = 0;
  for (let i = 1; i < readings.length; i++) {
    if ((readings[i] as Reading).weight < (readings[lightest] as Reading).weight) lightest = i;
  }
  readings.splice(lightest, 1);
}

/** Stands long enough to be taken for parked: it is found again by looking everywhere. */
export function isStill(pass: Pass, atMs: number): boolean {
  return pass.stillSinceMs !== null && atMs - pass.stillSinceMs > rules.stillAfterMs;
}

/** More frames of the same size would not change what is told. */
export function isSettled({ verdict, readings }: Pass): boolean {
  if (!verdict) return readings.length >= rules.readingsEnough;
  const sure = verdict.agreeing >= rules.settledAgreeing && verdict.confidence >= rules.settledConfidence;
  return sure || readings.length >= rules.readingsEnough;
}

/** What makes a frame good evidence: it says what the pass says, large and sharp. */
export function qualityOf(pass: Pass, candidate: Candidate): number {
  const best = candidate.alternatives[0];
  if (!best) return 0;
  const agrees = best.text === pass.verdict?.text ? 1 : 0.3;
  return (
    agrees * (0.1 + best.confidence) * Math.min(160, candidate.box.width) * (1 + Math.min(candidate.sharpness, 20) / 10)
  );
}

/** Approaching and receding by size, left and right by place, still when neither changes. */
export function directionOf({ firstBox: first, box: last }: Pass): Direction {
  const growth = last.width / first.width;
  if (growth > 1.2) return 'approaching';
  if (growth < 0.83) return 'receding';
  const across = (centreX(last) - centreX(first)) / first.width;
  if (across > 0.5) return 'right';
  if (across < -0.5) return 'left';
  const along = Math.abs(last.y - first.y) / first.height;
  return along < 0.5 ? 'still' : 'unknown';
}
