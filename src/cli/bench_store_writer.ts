import { createHash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { cameraId, readId } from '../data/ids.js';
import type { Read } from '../data/read.js';
import { systemClock } from '../observe/clock.js';
import { storeSettings } from '../store/settings.js';
import { openStore } from '../store/store.js';

export interface WriterFigures {
  readonly rows: number;
  readonly durableRowsPerSecond: number;
  readonly searchableRowsPerSecond: number;
  /** Of the process that writes: CPU of all its threads, the engine's too. */
  readonly cpuMicrosecondsPerRow: number;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Reads through the real writer into a new store: a row counts as durable when `append` has resolved. */
export async function benchWriter(
  dataDir: string,
  rows: number,
  progress: (text: string) => void,
): Promise<WriterFigures> {
  const opened = await openStore(storeSettings.parse({}), {
    clock: systemClock,
    dataDir,
    cameraRegistry: { position: () => ({ latitude: 42.36, longitude: -71.09 }) },
  });
  if (!opened.ok) throw new Error(opened.error);
  const store = opened.value;
  progress(`writing ${rows} rows`);
  const reads = generatedReads(rows);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const inFlightMax = 20_000;
  for (let at = 0; at < rows; at += inFlightMax)
    await Promise.all(reads.slice(at, at + inFlightMax).map((read) => store.append(read)));
  const durableMs = performance.now() - startedAt;
  await store.flush(600_000);
  const searchableMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  delay.disable();
  await store.close();
  const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e4) / 100;
  return {
    rows,
    durableRowsPerSecond: Math.round((rows / durableMs) * 1000),
    searchableRowsPerSecond: Math.round((rows / searchableMs) * 1000),
    cpuMicrosecondsPerRow: Math.round(((user + system) / rows) * 10) / 10,
    eventLoopDelayMs: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) },
  };
}

/** Reads without images: those are disk speed, and counted elsewhere. */
function generatedReads(rows: number): Read[] {
  const none = { vehicle: new Uint8Array(0), vehicleSha256: '', plate: new Uint8Array(0), plateSha256: '' };
  const nowMs = Date.now();
  return Array.from({ length: rows }, (_, i) => {
    const plate = createHash('md5').update(String(i)).digest('hex').slice(0, 7).toUpperCase();
    const camera = cameraId(`cam-${i % 60}`);
    if (!camera) throw new Error('broken invariant: a generated camera name is valid');
    const capturedAtMs = nowMs + i;
    return {
      id: readId(`bench-${camera}-${i}`),
      cameraId: camera,
      plate,
      confidence: 0.98,
      alternatives: [{ text: plate, confidence: 0.98 }],
      state: 'MA',
      stateConfidence: 0.9,
      capturedAtMs,
      captureClock: 'receive',
      firstSeenAtMs: capturedAtMs - 500,
      lastSeenAtMs: capturedAtMs + 400,
      frameCount: 5,
      direction: 'approaching',
      box: { x: 0, y: 0, width: 90, height: 30 },
      evidence: none,
      model: 'detector-1+reader-1',
    };
  });
}
