import { z } from 'zod';
import { isBalanced } from '../data/outcome.js';
import type { ReadReport } from '../data/read.js';
import { fail, ok, type Result } from '../data/result.js';
import { limits } from '../limits.js';
import { stages } from '../observe/stage_times.js';
import type { EngineStatus } from './message.js';

/**
 * The streams and what their entries hold. Keys:
 *
 *     platestream:reports     engines -> control   n = number, e = engine run, r = report as JSON, v, p = JPEG of vehicle and plate
 *     platestream:status      engines -> control   e = engine run, s = status as JSON; only the newest few are kept
 *     platestream:to:RUN      control -> one run   a = numbers that are kept, h = numbers that are matched and not kept, or c = camera and i = in service (1 | 0)
 */
export const keys = {
  reports: 'platestream:reports',
  status: 'platestream:status',
  toEngine: (run: string) => `platestream:to:${run}`,
  group: 'control',
} as const;

/** `<configured name>-<boot>`: a new run of a name ends the one before. */
export function nameOfRun(run: string): string {
  return run.slice(0, run.lastIndexOf('-'));
}

export type Fields = Readonly<Record<string, Buffer>>;

/** A flat list of names and values, as Redis answers. */
export function fieldsOf(flat: readonly Buffer[]): Fields {
  const fields: Record<string, Buffer> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[String(flat[i])] = flat[i + 1] as Buffer;
  return fields;
}

export function encodeReport(run: string, number: number, report: ReadReport): (string | Buffer)[] {
  const { evidence, ...read } = report.read;
  const { vehicle, plate, ...digests } = evidence;
  const json = JSON.stringify({ ...report, read: { ...read, evidence: digests } });
  return ['e', run, 'n', String(number), 'r', json, 'v', Buffer.from(vehicle), 'p', Buffer.from(plate)];
}

const text = (max: number) => z.string().min(1).max(max);
const share = z.number().min(0).max(1);
const timeMs = z.number().finite();
const box = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number().nonnegative(),
  height: z.number().nonnegative(),
});
const digest = z.string().regex(/^([0-9a-f]{64})?$/);
const plateText = z.string().regex(/^[A-Z0-9]{1,16}$/);

/** What another machine says is checked before it enters control: an incomplete read is rejected [I.p1]. */
const wireReport = z.object({
  stage: z.enum(['early', 'final']),
  revision: z.int().nonnegative(),
  retold: z.enum(['whole', 'history']).optional(),
  read: z.object({
    id: text(200),
    cameraId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
    plate: plateText,
    confidence: share,
    alternatives: z
      .array(z.object({ text: plateText, confidence: share }))
      .min(1)
      .max(64),
    state: text(8).nullable(),
    stateConfidence: share,
    capturedAtMs: timeMs,
    captureClock: z.enum(['rtcp', 'receive', 'file']),
    firstSeenAtMs: timeMs,
    lastSeenAtMs: timeMs,
    frameCount: z.int().nonnegative(),
    direction: z.enum(['approaching', 'receding', 'left', 'right', 'still', 'unknown']),
    box,
    evidence: z.object({ vehicleSha256: digest, plateSha256: digest }),
    model: text(200),
  }),
});

export interface WireReport {
  readonly run: string;
  readonly number: number;
  readonly report: ReadReport;
}

/** @returns the report, or what is wrong with it, without any of its contents. */
export function decodeReport({ e, n, r, v, p }: Fields): Result<WireReport, string> {
  const number = Number(n);
  if (!e || !r || !v || !p || !Number.isSafeInteger(number)) return fail('a field is missing');
  try {
    const parsed = wireReport.safeParse(JSON.parse(r.toString()));
    if (!parsed.success) return fail(`not a report: ${parsed.error.issues[0]?.path.join('.')}`);
    const { read } = parsed.data;
    const evidence = { ...read.evidence, vehicle: new Uint8Array(v), plate: new Uint8Array(p) };
    const report = { ...parsed.data, read: { ...read, evidence } } as unknown as ReadReport;
    return ok({ run: e.toString(), number, report });
  } catch {
    return fail('not JSON');
  }
}

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
const wireStatus = z.object({
  cameras: z
    .array(
      z.object({
        cameraId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
        state: text(40),
        reason: z.string().max(400),
        counts: z
          .object({ captured: count, inFlight: count, read: count, empty: count, dropped: count, failed: count })
          .refine(isBalanced),
        reasons: z.record(z.string().regex(/^[a-z]+:[a-z_]+$/), count),
        stream: z
          .object({ fps: seconds.nullable(), fpsWanted: seconds, clockOffsetMs: timeMs.nullable() })
          .default({ fps: null, fpsWanted: 0, clockOffsetMs: null }),
        passedOver: count.default(0),
      }),
    )
    .max(limits.engine.camerasMax),
  unsent: count,
  spooled: count,
  lostReports: count,
  rssBytes: count,
  cpuSeconds: seconds,
  stages: z.partialRecord(z.enum(stages), z.object({ seconds, count, buckets: z.array(count).max(64) })),
  slots: z.object({ inUse: count, count }),
  model: text(200),
  inference: text(40),
});

/** @returns `null` for what is no status: it is shown nowhere, and the next comes within a second. */
export function decodeStatus(json: Buffer | undefined): EngineStatus | null {
  try {
    const parsed = wireStatus.safeParse(JSON.parse(json?.toString() ?? ''));
    return parsed.success ? (parsed.data as unknown as EngineStatus) : null;
  } catch {
    return null;
  }
}
