import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Alerts } from '../alert/alerts.js';
import { cameraId, readId } from '../data/ids.js';
import type { Match } from '../data/match.js';
import type { Read } from '../data/read.js';
import { assert } from '../data/result.js';
import { listHome } from '../hot_lists/hot_lists.js';
import { inThread, posted } from '../hot_lists/tasks.js';
import { loadSigningKey } from '../ledger/signing_key.js';
import { ListFolder } from '../match/list_folder.js';
import { Matcher } from '../match/matcher.js';
import { RedisMirror } from '../match/redis/mirror.js';
import { Snapshot } from '../match/snapshot/snapshot.js';
import { systemClock } from '../observe/clock.js';
import { type Spread, spreadOf } from '../sizing/spread.js';
import { benchSettings } from './bench_match_flow.js';
import { inventedList, inventedPlate } from './bench_match_list.js';

export interface AlertFigures {
  /** From a read to its durable alert, Redis compared beside it; a read every few milliseconds, whatever became of those before. */
  readonly readToAlertMs: Spread;
  /** What the disk alone asks for a line of that length, written and synced, in the same minute: no alert can be durable sooner. */
  readonly syncMs: Spread;
}

const betweenReadsMs = 5;

/** Every read is a hit; its alert is on the disk before it counts. */
export async function measureAlerts(folder: string, redisUrl: string, reads: number): Promise<AlertFigures> {
  const home = listHome(benchSettings, folder);
  const key = loadSigningKey(home.signingKeyFile);
  const sealed = await inThread('load', {
    file: new ListFolder(home.folder).current()?.file ?? '',
    publicPem: key.publicPem,
  });
  assert(sealed.ok, 'the version is whole');
  const redis = { url: redisUrl, prefix: 'alerts', timeoutMs: 1000 };
  const put = await inThread('put', { redis, sealed: sealed.value });
  assert(put.ok, 'Redis took the version');
  const mirror = new RedisMirror({ settings: redis, sign: key.sign, put: async () => null });
  mirror.version(posted(sealed.value));
  const matcher = new Matcher(benchSettings, systemClock);
  matcher.use(new Snapshot(sealed.value.header, sealed.value.body));
  const alerts = new Alerts({ file: join(folder, 'alerts.jsonl'), clock: systemClock, coolDownMs: 0 });
  const ms: number[] = [];
  const one = async (i: number) => {
    const startedAt = performance.now();
    const { matches, claims } = matcher.match(inventedRead(i));
    void mirror.check(claims);
    for (const match of matches) if (await alerts.raise(match)) ms.push(performance.now() - startedAt);
  };
  const all: Promise<void>[] = [];
  for (let i = 0; i < reads; i++) {
    await new Promise((resolve) => setTimeout(resolve, betweenReadsMs));
    all.push(one(i));
  }
  await Promise.all(all);
  await alerts.close();
  mirror.close();
  assert(ms.length >= reads * 0.9, 'reads of listed plates raise alerts');
  return { readToAlertMs: spreadOf(ms), syncMs: spreadOf(await plainSyncs(folder, Math.ceil(reads / 4))) };
}

/** The disk alone: a line of an alert's length, written and synced, at the same pace. */
async function plainSyncs(folder: string, count: number): Promise<number[]> {
  const handle = await open(join(folder, 'syncs'), 'a');
  const line = Buffer.alloc(alertBytes, 'x');
  const ms: number[] = [];
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, betweenReadsMs));
    const startedAt = performance.now();
    await handle.write(line);
    await handle.datasync();
    ms.push(performance.now() - startedAt);
  }
  await handle.close();
  return ms;
}

const alertBytes = 1500;

export interface BurstFigures {
  readonly alerts: number;
  /** Until the last of them is durable: together, and with a sync for each as long as it takes. Medians of a few rounds. */
  readonly togetherMs: number;
  readonly oneByOneMs: number;
}

/** Alerts that all come at once. */
export async function measureBurst(folder: string, count: number, rounds: number): Promise<BurstFigures> {
  const plates = Array.from({ length: count * rounds }, (_, i) => inventedPlate(i));
  const matcher = new Matcher(benchSettings, systemClock);
  matcher.use(inventedList(plates.length).snapshot);
  const alerts = new Alerts({ file: join(folder, 'burst.jsonl'), clock: systemClock, coolDownMs: 0 });
  const handle = openSync(join(folder, 'one-by-one'), 'a');
  const [together, oneByOne]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const matches = Array.from(
      { length: count },
      (_, i) => matcher.match(inventedRead(round * count + i)).matches[0] as Match,
    );
    let startedAt = performance.now();
    const raised = await Promise.all(matches.map((match) => alerts.raise(match)));
    together.push(performance.now() - startedAt);
    startedAt = performance.now();
    for (const alert of raised) {
      writeSync(handle, `${JSON.stringify(alert)}\n`);
      fdatasyncSync(handle);
    }
    oneByOne.push(performance.now() - startedAt);
  }
  await alerts.close();
  closeSync(handle);
  return { alerts: count, togetherMs: spreadOf(together).p50, oneByOneMs: spreadOf(oneByOne).p50 };
}

function inventedRead(i: number): Read {
  const plate = inventedPlate(i);
  const camera = cameraId(`bench-${i % 60}`);
  assert(camera, 'a generated camera name is valid');
  const none = { vehicle: new Uint8Array(), vehicleSha256: '', plate: new Uint8Array(), plateSha256: '' };
  const nowMs = Date.now();
  return {
    id: readId(`bench-${i}`),
    cameraId: camera,
    plate,
    confidence: 0.97,
    alternatives: [{ text: plate, confidence: 0.97 }],
    state: null,
    stateConfidence: 0,
    capturedAtMs: nowMs,
    captureClock: 'receive',
    firstSeenAtMs: nowMs,
    lastSeenAtMs: nowMs,
    frameCount: 5,
    direction: 'approaching',
    box: { x: 0, y: 0, width: 90, height: 30 },
    evidence: none,
    model: 'bench',
  };
}
