import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { serve } from '@hono/node-server';
import { Alerts } from './alert/alerts.js';
import { createApp } from './api/app.js';
import type { CameraView } from './api/cameras.js';
import { isLoopback } from './api/loopback_only.js';
import type { CameraStatus, EngineStatus } from './bus/message.js';
import type { Config } from './config.js';
import type { CameraId } from './data/ids.js';
import { type FrameCounts, isBalanced } from './data/outcome.js';
import { fail, ok, type Result } from './data/result.js';
import type { EngineSettings } from './engine_process.js';
import { checkLimits } from './limits.js';
import { createLive } from './live.js';
import { createHotList } from './match/hot_list.js';
import { type CategoryRule, importCsv } from './match/import/csv.js';
import { Matcher } from './match/matcher.js';
import { CameraTotals, sumCounts } from './observe/camera_totals.js';
import { systemClock } from './observe/clock.js';
import { createLog } from './observe/log.js';
import { createMetrics } from './observe/metrics.js';
import { packagePath } from './package_root.js';
import { loadPolicy } from './policy/policy_file.js';
import { openStore } from './store/store.js';
import { type EngineState, type Supervisor, superviseEngine } from './supervisor.js';

/** What a run came to, as `demo` and `serve` print it at the end. */
export interface Summary extends FrameCounts {
  readonly cameras: number;
  readonly reads: number;
  readonly alerts: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly balanced: boolean;
}

/** A running control process. */
export interface Control {
  readonly address: string;
  readonly alerts: Alerts;
  readonly reads: () => number;
  engineState(): EngineState;
  /** Stops engines, drains their reads, closes everything in order. */
  stop(reason: string): Promise<Summary>;
}

const alertCoolDownMs = 5 * 60_000;
const retentionEveryMs = 60 * 60_000;

/** Builds the whole program from its configuration and runs it. @returns one line when something cannot start; nothing is left running. */
export async function startControl(config: Config): Promise<Result<Control, string>> {
  checkLimits();
  if (!isLoopback(config.server.host)) {
    return fail(
      `server.host ${config.server.host}: this version has no sign-in on its API yet and listens on loopback only`,
    );
  }
  const dataDir = resolve(config.dataDir);
  const locked = lockDataDir(dataDir);
  if (!locked.ok) return locked;
  const clock = systemClock;
  const log = createLog(config.log, 'control');
  const matcher = new Matcher(config.hotList, clock);
  const loaded = loadHotList(config, matcher);
  if (!loaded.ok) return release(dataDir, loaded);
  const places = new Map(config.cameras.map((c) => [c.id, c]));
  const store = await openStore(config.store, {
    clock,
    dataDir,
    log,
    cameraRegistry: { position: (id) => positionOf(places.get(id)) },
  });
  if (!store.ok) return release(dataDir, store);
  const alerts = new Alerts({ file: join(dataDir, 'alerts', 'alerts.jsonl'), clock, coolDownMs: alertCoolDownMs });

  const totals = new CameraTotals();
  const cameraStates = new Map<CameraId, CameraStatus>();
  const engineStatus = new Map<string, EngineStatus>();
  const latenciesMs: number[] = [];
  let reads = 0;
  let feedClients = 0;
  let state: EngineState = { kind: 'starting', sinceMs: Date.now() };
  let supervisor: Supervisor | null = null;

  const metrics = createMetrics({
    totals,
    cameraStates: () => [...cameraStates.values()].map(({ cameraId, state }) => ({ camera: cameraId, state })),
    gauges: () => ({
      engine_restarts_total: supervisor?.restarts() ?? 0,
      engine_reports_unsent: total(engineStatus, 'unsent'),
      engine_reports_spooled: total(engineStatus, 'spooled'),
      engine_reports_lost_total: total(engineStatus, 'lostReports'),
      hot_list_version: matcher.list?.version.version ?? 0,
      hot_list_entries: matcher.list?.version.entries ?? 0,
      hot_list_age_seconds: matcher.list ? (clock.nowMs() - matcher.list.version.compiledAtMs) / 1000 : 0,
      alerts_unacknowledged: alerts.unacknowledged(),
      store_spool_reads: store.value.stats().spoolRows,
      store_healthy: store.value.health().healthy ? 1 : 0,
      alert_feed_clients: feedClients,
    }),
  });

  const live = createLive({ matcher, alerts, store: store.value, metrics, nowMs: clock.nowMs, inService: () => true });
  const firstAlert = alerts.lastSequence();
  alerts.listen((alert) => latenciesMs.push(clock.nowMs() - alert.match.read.capturedAtMs));

  const notReady = (): string[] => {
    const reasons: string[] = [];
    if (state.kind !== 'running') reasons.push(`engine: ${state.kind}${'reason' in state ? ` (${state.reason})` : ''}`);
    const health = store.value.health();
    if (!health.healthy) reasons.push(`store: ${health.why}`);
    if (alerts.overloaded()) reasons.push('alerts: too many wait for a person');
    return reasons;
  };
  const app = createApp({
    notReady,
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
    feed: alerts,
    onFeedClients: (change) => {
      feedClients += change;
    },
    cameras: () => cameraViews(totals, cameraStates),
    log,
  });
  const listening = await listen(app.fetch, config.server.host, config.server.port);
  if (!listening.ok) {
    alerts.close();
    await store.value.close();
    return release(dataDir, listening);
  }

  const engineSettings: EngineSettings = {
    cameras: config.cameras,
    pipeline: config.engine,
    spoolFolder: join(dataDir, 'spool', 'engine-1'),
    log: config.log,
  };
  supervisor = superviseEngine({
    name: `e${Date.now().toString(36)}`,
    settings: engineSettings,
    onReport: async (report) => {
      await live(report);
      if (report.stage === 'final') reads += 1;
    },
    onStatus: (engine, status) => {
      totals.update(engine, status.cameras);
      engineStatus.set(engine, status);
      for (const camera of status.cameras) cameraStates.set(camera.cameraId, camera);
    },
    onEnded: (engine) => {
      totals.engineEnded(engine);
      engineStatus.delete(engine);
    },
    onState: (next) => {
      state = next;
    },
    log,
  });
  const retention = setInterval(() => {
    store.value.retention.run({}).catch((error: Error) => log.error({ error: error.message }, 'retention failed'));
  }, retentionEveryMs);

  const running = supervisor;
  return ok({
    address: listening.value.address,
    alerts,
    reads: () => reads,
    engineState: () => state,
    async stop(reason) {
      clearInterval(retention);
      await running.stop(reason);
      await store.value.flush(10_000);
      await listening.value.close();
      alerts.close();
      await store.value.close();
      releaseDataDir(dataDir);
      const counts = sumCounts(totals.all().values());
      const perCamera = [...totals.all().values()];
      return {
        cameras: config.cameras.length,
        ...counts,
        reads,
        alerts: alerts.lastSequence() - firstAlert,
        latencyMs: { p50: percentile(latenciesMs, 0.5), p99: percentile(latenciesMs, 0.99) },
        balanced: isBalanced(counts) && perCamera.every((camera) => isBalanced(camera.counts)),
      };
    },
  });
}

function positionOf(camera: { latitude?: number | undefined; longitude?: number | undefined } | undefined) {
  if (camera?.latitude === undefined || camera.longitude === undefined) return null;
  return { latitude: camera.latitude, longitude: camera.longitude };
}

/** One control process a data directory: a file names the holder; a holder that no longer lives is no holder. */
function lockDataDir(dataDir: string): Result<null, string> {
  const file = join(dataDir, 'control.pid');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return ok(null);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') return fail(`data directory ${dataDir}: cannot be written (${code})`);
  }
  const holder = Number(readFileSync(file, 'utf8'));
  if (isAlive(holder))
    return fail(`data directory ${dataDir}: in use by process ${holder}; stop it or choose another dataDir`);
  writeFileSync(file, String(process.pid));
  return ok(null);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function releaseDataDir(dataDir: string): void {
  rmSync(join(dataDir, 'control.pid'), { force: true });
}

function release<Failure extends { readonly ok: false }>(dataDir: string, failure: Failure): Failure {
  releaseDataDir(dataDir);
  return failure;
}

function loadHotList(config: Config, matcher: Matcher): Result<null, string> {
  const { file, rejectedShareMax } = config.hotList;
  if (file === undefined) return ok(null);
  const policy = loadPolicy(packagePath('policies', '41-12.yaml'));
  if (!policy.ok) return policy;
  const { authorised, prohibited } = policy.value.categories;
  const ruleOf: CategoryRule = (category) =>
    Object.hasOwn(authorised, category) ? 'authorised' : Object.hasOwn(prohibited, category) ? 'prohibited' : 'unknown';
  try {
    const imported = importCsv(readFileSync(file, 'utf8'), 'csv', ruleOf, rejectedShareMax);
    if (!imported.ok) return fail(`hot list ${file}: ${imported.error}`);
    matcher.use(createHotList(imported.value.entries, 1, statSync(file).mtimeMs, Date.now()));
    return ok(null);
  } catch (error) {
    return fail(`hot list ${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function total(statuses: ReadonlyMap<string, EngineStatus>, key: 'unsent' | 'spooled' | 'lostReports'): number {
  return [...statuses.values()].reduce((sum, status) => sum + status[key], 0);
}

function cameraViews(totals: CameraTotals, states: ReadonlyMap<CameraId, CameraStatus>): CameraView[] {
  const all = totals.all();
  return [...states.values()].map(({ cameraId, state, reason }) => ({
    id: cameraId,
    state,
    reason,
    inService: state !== 'out_of_service',
    counts: all.get(cameraId)?.counts ?? { captured: 0, inFlight: 0, read: 0, empty: 0, dropped: 0, failed: 0 },
    reasons: Object.fromEntries(all.get(cameraId)?.reasons ?? []),
  }));
}

function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  hostname: string,
  port: number,
): Promise<Result<{ address: string; close: () => Promise<void> }, string>> {
  return new Promise((resolve) => {
    const server = serve({ fetch, hostname, port }, (info: AddressInfo) => {
      const address = `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${info.port}`;
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          if ('closeAllConnections' in server) server.closeAllConnections();
        });
      resolve(ok({ address, close }));
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        fail(
          error.code === 'EADDRINUSE' ? `port ${port} is in use; set server.port` : `cannot listen: ${error.message}`,
        ),
      );
    });
  });
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
}
