import { createHash } from 'node:crypto';
import { type Box, iou } from '../data/box.js';
import type { Candidate } from '../data/candidate.js';
import type { Frame } from '../data/frame.js';
import { type CameraId, readId } from '../data/ids.js';
import type { Direction, Evidence, ReadReport } from '../data/read.js';
import { type Reading, readingOf, type Verdict, vote } from './vote.js';

/** When a pass is told, and when it is over. */
const rules = {
  /** An early report needs this many agreeing frames and this confidence. */
  earlyAgreeing: 2,
  earlyConfidence: 0.6,
  /** A pass with less is not worth keeping. */
  finalConfidence: 0.25,
  /** A pass is over when it was looked for and not found this often, and for this long. */
  missesMax: 4,
  goneAfterMs: 1200,
  /** A vehicle that stays is told as final after this long; it remains one pass. */
  finalAfterMs: 20_000,
  /** A finished pass that reappears at its place with its text within this time is the same pass. */
  sameAgainMs: 8_000,
  readingsMax: 60,
  /** A frame replaces the best one when it is better by this factor. */
  betterBy: 1.2,
} as const;

/** One vehicle pass being followed. */
export interface Pass {
  readonly number: number;
  box: Box;
  velocity: { x: number; y: number };
  readonly firstBox: Box;
  readonly firstSeenAtMs: number;
  lastSeenAtMs: number;
  misses: number;
  readonly readings: Reading[];
  readonly states: Map<string, number>;
  verdict: Verdict | null;
  bestQuality: number;
  evidence: { readonly images: Evidence; readonly frame: Frame; readonly box: Box } | null;
  toldText: string | null;
  revision: number;
  finished: boolean;
}

export interface TrackerOptions {
  readonly cameraId: CameraId;
  /** Unique to this run of the engine; part of each read's id. */
  readonly run: string;
  /** Model pair, recorded with each read. */
  readonly model: string;
}

/** Follows the vehicles of one camera and tells one read per pass. Frames must come in order of capture. */
export class Tracker {
  readonly #options: TrackerOptions;
  #passes: Pass[] = [];
  #recent: Pass[] = [];
  #count = 0;

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  /** Takes in a frame that was looked at. @returns passes for which this frame is the new best evidence. */
  observe(
    frame: Frame,
    candidates: readonly Candidate[],
  ): { readonly pass: Pass; readonly candidate: Candidate; readonly quality: number }[] {
    const wanting = [];
    const free = new Set(this.#passes);
    for (const candidate of [...candidates].sort((a, b) => b.score - a.score)) {
      const pass =
        this.#match(candidate, frame.capturedAtMs, free) ??
        this.#again(candidate, frame) ??
        this.#start(candidate, frame);
      free.delete(pass);
      follow(pass, candidate, frame.capturedAtMs);
      const quality = qualityOf(candidate);
      if (quality > pass.bestQuality * rules.betterBy) wanting.push({ pass, candidate, quality });
    }
    for (const pass of free) if (frame.capturedAtMs >= pass.lastSeenAtMs) pass.misses += 1;
    return wanting;
  }

  /** The pictures `observe` asked for. */
  keepEvidence(
    pass: Pass,
    frame: Frame,
    candidate: Candidate,
    quality: number,
    images: { vehicle: Uint8Array; plate: Uint8Array },
  ): void {
    pass.bestQuality = quality;
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const evidence = { ...images, vehicleSha256: sha256(images.vehicle), plateSha256: sha256(images.plate) };
    pass.evidence = { images: evidence, frame, box: candidate.box };
  }

  /** What there is to tell now. */
  due(nowMs: number): ReadReport[] {
    const reports: ReadReport[] = [];
    for (const pass of this.#passes) {
      const early = this.#early(pass);
      if (early) reports.push(early);
      if (!pass.finished && nowMs - pass.firstSeenAtMs > rules.finalAfterMs) reports.push(...this.#finish(pass));
    }
    const gone = (pass: Pass) => pass.misses >= rules.missesMax && nowMs - pass.lastSeenAtMs > rules.goneAfterMs;
    for (const pass of this.#passes.filter(gone)) {
      reports.push(...this.#finish(pass));
      this.#recent.push(pass);
    }
    this.#passes = this.#passes.filter((pass) => !gone(pass));
    this.#recent = this.#recent.filter((pass) => nowMs - pass.lastSeenAtMs < rules.sameAgainMs);
    return reports;
  }

  /** The camera has stopped: every pass is over. */
  flush(): ReadReport[] {
    const reports = this.#passes.flatMap((pass) => this.#finish(pass));
    this.#passes = [];
    return reports;
  }

  #match(candidate: Candidate, atMs: number, free: ReadonlySet<Pass>): Pass | null {
    let best: Pass | null = null;
    let bestScore = 0;
    for (const pass of free) {
      const score = affinity(pass, candidate, atMs);
      if (score > bestScore) {
        best = pass;
        bestScore = score;
      }
    }
    return best;
  }

  /** A pass that ended a moment ago, here, with this text: an occlusion, not a new vehicle. */
  #again(candidate: Candidate, frame: Frame): Pass | null {
    const text = candidate.alternatives[0]?.text;
    const pass = this.#recent.find((p) => p.verdict?.text === text && iou(p.box, candidate.box) > 0.4);
    if (!pass) return null;
    this.#recent = this.#recent.filter((p) => p !== pass);
    this.#passes.push(pass);
    pass.lastSeenAtMs = frame.capturedAtMs;
    return pass;
  }

  #start(candidate: Candidate, frame: Frame): Pass {
    this.#count += 1;
    const pass: Pass = {
      number: this.#count,
      box: candidate.box,
      velocity: { x: 0, y: 0 },
      firstBox: candidate.box,
      firstSeenAtMs: frame.capturedAtMs,
      lastSeenAtMs: frame.capturedAtMs,
      misses: 0,
      readings: [],
      states: new Map(),
      verdict: null,
      bestQuality: 0,
      evidence: null,
      toldText: null,
      revision: 0,
      finished: false,
    };
    this.#passes.push(pass);
    return pass;
  }

  #early(pass: Pass): ReadReport | null {
    const { verdict, evidence } = pass;
    if (!verdict || !evidence || pass.finished) return null;
    if (verdict.agreeing < rules.earlyAgreeing || verdict.confidence < rules.earlyConfidence) return null;
    if (pass.toldText === verdict.text) return null;
    pass.toldText = verdict.text;
    return this.#report(pass, 'early', verdict, evidence);
  }

  #finish(pass: Pass): ReadReport[] {
    const { verdict, evidence } = pass;
    if (pass.finished) return [];
    pass.finished = true;
    if (!verdict || !evidence || verdict.confidence < rules.finalConfidence) return [];
    return [this.#report(pass, 'final', verdict, evidence)];
  }

  #report(pass: Pass, stage: 'early' | 'final', verdict: Verdict, evidence: NonNullable<Pass['evidence']>): ReadReport {
    pass.revision += 1;
    const { cameraId, run, model } = this.#options;
    const [state, weight] = [...pass.states].sort((a, b) => b[1] - a[1])[0] ?? [null, 0];
    const stateWeights = [...pass.states.values()].reduce((total, w) => total + w, 0);
    return {
      stage,
      revision: pass.revision,
      read: {
        id: readId(`${run}-${cameraId}-${pass.number}`),
        cameraId,
        plate: verdict.text,
        confidence: verdict.confidence,
        alternatives: verdict.alternatives,
        state,
        stateConfidence: stateWeights > 0 ? weight / stateWeights : 0,
        capturedAtMs: evidence.frame.capturedAtMs,
        captureClock: evidence.frame.captureClock,
        firstSeenAtMs: pass.firstSeenAtMs,
        lastSeenAtMs: pass.lastSeenAtMs,
        frameCount: pass.readings.length,
        direction: directionOf(pass.firstBox, pass.box),
        box: evidence.box,
        evidence: evidence.images,
        model,
      },
    };
  }
}

/** How surely a candidate is this pass: overlap with where it should be by now, and a similar size; 0 = it is not. */
function affinity(pass: Pass, { box }: Candidate, atMs: number): number {
  const elapsedMs = Math.max(0, atMs - pass.lastSeenAtMs);
  const predicted = {
    ...pass.box,
    x: pass.box.x + pass.velocity.x * elapsedMs,
    y: pass.box.y + pass.velocity.y * elapsedMs,
  };
  const ratio = box.width / pass.box.width;
  if (ratio > 1.8 || ratio < 0.55) return 0;
  const overlapping = Math.max(iou(predicted, box), iou(pass.box, box));
  if (overlapping > 0) return 1 + overlapping;
  const dx = box.x + box.width / 2 - (predicted.x + predicted.width / 2);
  const dy = box.y + box.height / 2 - (predicted.y + predicted.height / 2);
  const distance = Math.hypot(dx, dy) / Math.max(box.width, pass.box.width);
  return distance < 1.6 ? 1 - distance / 1.6 : 0;
}

function follow(pass: Pass, candidate: Candidate, atMs: number): void {
  const elapsedMs = atMs - pass.lastSeenAtMs;
  if (elapsedMs > 0) {
    const keep = pass.misses > 0 ? 0.3 : 0.6;
    pass.velocity = {
      x: keep * pass.velocity.x + (1 - keep) * ((candidate.box.x - pass.box.x) / elapsedMs),
      y: keep * pass.velocity.y + (1 - keep) * ((candidate.box.y - pass.box.y) / elapsedMs),
    };
  }
  pass.box = candidate.box;
  pass.lastSeenAtMs = Math.max(pass.lastSeenAtMs, atMs);
  pass.misses = 0;
  const reading = readingOf(candidate);
  if (!reading) return;
  pass.readings.push(reading);
  if (pass.readings.length > rules.readingsMax) dropLightest(pass.readings);
  pass.verdict = vote(pass.readings);
  const { state } = candidate;
  if (state) pass.states.set(state.code, (pass.states.get(state.code) ?? 0) + reading.weight * state.confidence);
}

function dropLightest(readings: Reading[]): void {
  let lightest = 0;
  for (let i = 1; i < readings.length; i++) {
    if ((readings[i] as Reading).weight < (readings[lightest] as Reading).weight) lightest = i;
  }
  readings.splice(lightest, 1);
}

/** What makes a frame good evidence: sure, large, sharp. */
function qualityOf(candidate: Candidate): number {
  const confidence = candidate.alternatives[0]?.confidence ?? 0;
  return (0.1 + confidence) * Math.min(160, candidate.box.width) * (1 + Math.min(candidate.sharpness, 20) / 10);
}

function directionOf(first: Box, last: Box): Direction {
  const growth = last.width / first.width;
  if (growth > 1.2) return 'approaching';
  if (growth < 0.83) return 'receding';
  const across = (last.x + last.width / 2 - (first.x + first.width / 2)) / first.width;
  if (across > 0.5) return 'right';
  if (across < -0.5) return 'left';
  const along = Math.abs(last.y - first.y) / first.height;
  return along < 0.5 ? 'still' : 'unknown';
}
