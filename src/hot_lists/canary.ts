import { hash } from 'node:crypto';
import type { AlertSettings } from '../alert/settings.js';
import { type Alert, canarySource } from '../data/alert.js';
import { cameraId, readId } from '../data/ids.js';
import type { HotListEntry } from '../data/match.js';
import type { Read, ReadReport } from '../data/read.js';
import { assert } from '../data/result.js';
import type { Log } from '../observe/log.js';

/** Ten characters: longer than any plate that is issued, so no vehicle can match it. */
const plate = 'CANARY0000';
/** A read without pictures is kept out like any other [I.p1]; these say what they are. */
const picture = Buffer.from('a canary has no picture');
const digest = hash('sha256', picture, 'hex');
const evidence = { vehicle: picture, vehicleSha256: digest, plate: picture, plateSha256: digest };
const camera = cameraId('canary');
assert(camera !== null, 'the canary has a valid camera name');
export const canaryCamera = camera;

/** The entry that canary reads match; in the matcher's overlay beside the manual ones. */
export const canaryEntry: HotListEntry = {
  entryId: 'canary',
  plate,
  state: null,
  category: canarySource,
  source: canarySource,
  vehicle: null,
  originatingAgency: null,
  expiresAtMs: null,
  reason: 'proves that alerts arrive; no vehicle bears this plate',
};

export interface CanaryOptions {
  readonly settings: AlertSettings;
  /** Where reports of engines enter. */
  readonly report: (report: ReadReport) => Promise<unknown>;
  /** Hears of alerts as every client does. */
  readonly listen: (listener: (alert: Alert) => void) => () => void;
  /** While the system is suspended nothing is matched, so nothing is to be proved. */
  readonly isPaused: () => boolean;
  readonly observe: { arrived(seconds: number): void; failed(): void };
  readonly log: Log;
}

/**
 * Sends a synthetic read the way of all reads every so often and waits for its alert: matcher, journal, listeners. Its alert says that it is
 * one; it is told to no other agency and waits for nobody.
 */
export function startCanary({ settings, report, listen, isPaused, observe, log }: CanaryOptions): { stop(): void } {
  const { canaryEverySeconds, canaryWithinSeconds } = settings;
  if (canaryEverySeconds === 0) return { stop: () => undefined };
  const waiting = new Map<string, { readonly sentAt: number; readonly overdue: NodeJS.Timeout }>();
  const boot = Date.now().toString(36);
  let sent = 0;

  const leave = listen(({ match }) => {
    const one = waiting.get(match.read.id);
    if (one === undefined) return;
    waiting.delete(match.read.id);
    clearTimeout(one.overdue);
    observe.arrived((performance.now() - one.sentAt) / 1000);
  });

  function send(): void {
    if (isPaused()) return;
    sent += 1;
    const id = `canary-${boot}-${sent}`;
    const overdue = setTimeout(() => {
      waiting.delete(id);
      observe.failed();
      log.error({ withinSeconds: canaryWithinSeconds }, 'canary alert missed');
    }, canaryWithinSeconds * 1000);
    waiting.set(id, { sentAt: performance.now(), overdue });
    report({ stage: 'early', revision: 1, read: canaryRead(id) }).catch((error: Error) => {
      log.error({ error: error.message }, 'canary read failed');
    });
  }

  const timer = setInterval(send, canaryEverySeconds * 1000);
  send();
  return {
    stop() {
      clearInterval(timer);
      leave();
      for (const { overdue } of waiting.values()) clearTimeout(overdue);
    },
  };
}

function canaryRead(id: string): Read {
  const nowMs = Date.now();
  return {
    id: readId(id),
    cameraId: canaryCamera,
    plate,
    confidence: 1,
    alternatives: [{ text: plate, confidence: 1 }],
    state: null,
    stateConfidence: 0,
    capturedAtMs: nowMs,
    captureClock: 'receive',
    firstSeenAtMs: nowMs,
    lastSeenAtMs: nowMs,
    frameCount: 1,
    direction: 'unknown',
    box: { x: 0, y: 0, width: 0, height: 0 },
    evidence,
    model: 'canary',
  };
}
