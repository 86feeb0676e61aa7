import { createHash } from 'node:crypto';
import { iou } from '../data/box.js';
import type { Candidate } from '../data/candidate.js';
import type { Frame } from '../data/frame.js';
import { type CameraId, readId } from '../data/ids.js';
import { type Look, lookEverywhere } from '../data/look.js';
import type { ReadReport } from '../data/read.js';
import { assign } from './association.js';
import { Looking, wasLookedFor } from './looking.js';
import { directionOf, follow, isStill, type Pass, qualityOf, startPass } from './pass.js';
import { rules } from './rules.js';
import type { Verdict } from './vote.js';

export interface TrackerOptions {
  readonly cameraId: CameraId;
  /** Unique to this run of the engine; part of each read's id. */
  readonly run: string;
  /** Model pair, recorded with each read. */
  readonly model: string;
}

/** A frame that is the best evidence of its pass so far: its pictures are wanted while its slot is held. */
export interface BestFrame {
  readonly pass: Pass;
  readonly candidate: Candidate;
  readonly quality: number;
}

/** Follows the vehicles of one camera and tells one read per pass. Frames must come in order of capture. */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #looking = new Looking();
  #passes: Pass[] = [];
  #recent: Pass[] = [];
  #count = 0;
  /** Time of the last frame that was looked at. */
  #seenAtMs = 0;

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  /** Where to search the next frame, given what is known of the vehicles in sight. */
  look(frame: Frame): Look {
    return this.#looking.next(frame, this.#passes);
  }

  /** Takes in a frame that was looked at. @returns passes for which this frame is the new best evidence. */
  observe(frame: Frame, candidates: readonly Candidate[], look: Look = lookEverywhere): BestFrame[] {
    const atMs = frame.capturedAtMs;
    this.#seenAtMs = atMs;
    const before = this.#passes;
    const pairing = assign(candidates, before, atMs);
    const seen = new Set(pairing.values());
    for (const pass of before) if (!seen.has(pass) && wasLookedFor(pass, look, frame)) pass.misses += 1;
    const best: BestFrame[] = [];
    for (const candidate of candidates) {
      const pass = pairing.get(candidate) ?? this.#again(candidate, frame) ?? this.#start(candidate, frame);
      if (!pass) continue;
      follow(pass, candidate, atMs);
      const quality = qualityOf(pass, candidate);
      const worthKeeping = (candidate.alternatives[0]?.confidence ?? 0) >= rules.finalConfidence || pass.sightings > 1;
      if (worthKeeping && quality > pass.bestQuality * rules.betterBy) best.push({ pass, candidate, quality });
    }
    return best;
  }

  /** The pictures `observe` asked for. */
  keepEvidence(
    { pass, candidate, quality }: BestFrame,
    frame: Frame,
    images: { readonly vehicle: Uint8Array; readonly plate: Uint8Array },
  ): void {
    pass.bestQuality = quality;
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const evidence = { ...images, vehicleSha256: sha256(images.vehicle), plateSha256: sha256(images.plate) };
    pass.evidence = { images: evidence, frame, box: candidate.box };
  }

  /** Whether another frame, soon, would tell what a vehicle in sight is. */
  isUndecided(): boolean {
    return this.#passes.some(
      ({ toldText, firstSeenAtMs, lastSeenAtMs }) =>
        toldText === null &&
        lastSeenAtMs - firstSeenAtMs < rules.undecidedMs &&
        this.#seenAtMs - lastSeenAtMs < rules.undecidedMs,
    );
  }

  /** What there is to tell now. @param nowMs on the clock of the frames' capture times */
  due(nowMs: number): ReadReport[] {
    const reports: ReadReport[] = [];
    for (const pass of this.#passes) {
      const early = this.#early(pass);
      if (early) reports.push(early);
      if (nowMs - pass.firstSeenAtMs > rules.finalAfterMs) reports.push(...this.#finish(pass));
    }
    const gone = this.#passes.filter((pass) => isGone(pass, nowMs));
    for (const pass of gone) reports.push(...this.#finish(pass));
    this.#passes = this.#passes.filter((pass) => !gone.includes(pass));
    this.#recent = [...this.#recent, ...gone].filter((pass) => nowMs - pass.lastSeenAtMs < rules.sameAgainMs);
    return reports;
  }

  /** Frames are being left out: who is not told yet and has not been seen for a moment is told on what there is, and remains one pass. */
  interrupted(nowMs: number): ReadReport[] {
    return this.#passes
      .filter(({ toldText, lastSeenAtMs }) => toldText === null && nowMs - lastSeenAtMs > rules.interruptedAfterMs)
      .flatMap((pass) => this.#finish(pass));
  }

  /** The camera has stopped: every pass is over. */
  flush(): ReadReport[] {
    const reports = this.#passes.flatMap((pass) => this.#finish(pass));
    this.#passes = [];
    return reports;
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

  /** @returns `null` when there are already as many as are followed: a frame full of false boxes must not grow for ever. */
  #start(candidate: Candidate, frame: Frame): Pass | null {
    if (this.#passes.length >= rules.passesMax) return null;
    this.#count += 1;
    const pass = startPass(this.#count, candidate.box, frame.capturedAtMs);
    this.#passes.push(pass);
    return pass;
  }

  #early(pass: Pass): ReadReport | null {
    const { verdict, evidence } = pass;
    if (!verdict || !evidence || pass.finished || pass.toldText === verdict.text || !isAlertable(pass, verdict))
      return null;
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
    return {
      stage,
      revision: pass.revision,
      read: {
        id: readId(`${run}-${cameraId}-${pass.number}`),
        cameraId,
        plate: verdict.text,
        confidence: verdict.confidence,
        alternatives: verdict.alternatives,
        ...likeliestState(pass),
        capturedAtMs: evidence.frame.capturedAtMs,
        captureClock: evidence.frame.captureClock,
        firstSeenAtMs: pass.firstSeenAtMs,
        lastSeenAtMs: pass.lastSeenAtMs,
        frameCount: pass.readings.length,
        direction: directionOf(pass),
        box: evidence.box,
        evidence: evidence.images,
        model,
      },
    };
  }
}

/** Two frames agree, the text is likely, well ahead of the next, and did not just change. */
function isAlertable(pass: Pass, { agreeing, confidence, alternatives }: Verdict): boolean {
  const second = alternatives[1]?.confidence ?? 0;
  return (
    agreeing >= rules.earlyAgreeing &&
    confidence >= rules.earlyConfidence &&
    confidence >= second * rules.earlyMargin &&
    pass.stableVotes >= rules.stableVotesMin
  );
}

function isGone(pass: Pass, nowMs: number): boolean {
  const unseenMs = nowMs - pass.lastSeenAtMs;
  if (pass.misses >= rules.missesMax && unseenMs > rules.goneAfterMs) return true;
  return unseenMs > rules.movingGoneAfterMs && !isStill(pass, pass.lastSeenAtMs);
}

function likeliestState({ states }: Pass): { state: string | null; stateConfidence: number } {
  const total = [...states.values()].reduce((sum, weight) => sum + weight, 0);
  const best = [...states].sort((a, b) => b[1] - a[1])[0];
  return { state: best?.[0] ?? null, stateConfidence: best ? best[1] / total : 0 };
}
