import { join, resolve } from 'node:path';
import { Alerts } from './alert/alerts.js';
import { createApp } from './api/app.js';
import type { DemoLogin } from './api/session.js';
import { CameraHealth } from './cameras/health.js';
import { startCameraService } from './cameras/service.js';
import { learnFromHits } from './cameras/trust.js';
import { Closers } from './closers.js';
import type { Config } from './config.js';
import { fail, ok, type Result } from './data/result.js';
import { lockDataDir } from './data_dir.js';
import { cameraViewsOf } from './engine/camera_views.js';
import { Engines } from './engine/engines.js';
import type { EngineState } from './engine/supervisor.js';
import { type Governed, openGoverned, recordModels } from './governed/governed.js';
import { startOversightJob } from './governed/oversight_job.js';
import { openHolds } from './history/case_keeper.js';
import { type RetentionJob, startRetentionJob } from './history/retention_job.js';
import { openHistoryService } from './history/service.js';
import { governedBy } from './hot_lists/authority.js';
import { canaryCamera, startCanary } from './hot_lists/canary.js';
import { type HotLists, openHotLists } from './hot_lists/hot_lists.js';
import { keptCopies } from './kept_copies.js';
import { checkLimits } from './limits.js';
import { openAlertPictures } from './live/alert_pictures.js';
import { createLive } from './live/alerts.js';
import { startAlertForwarding } from './live/forwarding.js';
import { startHitOpener } from './live/hit_opener.js';
import { scrapedFrom } from './metric_sources.js';
import { sumCounts } from './observe/camera_totals.js';
import { systemClock } from './observe/clock.js';
import { createLog } from './observe/log.js';
import { createMetrics } from './observe/metrics.js';
import { exposureProblem, readMetricsToken, startServing } from './serving.js';
import { forgetBackups } from './store/backup_folders.js';
import { openStore, type Store } from './store/store.js';
import { type Summary, summaryOf } from './summary.js';
import { testTitles } from './test_titles.js';

/** A running control process. */
export interface Control {
  readonly address: string;
  readonly alerts: Alerts;
  readonly governed: Governed;
  /** For the console of the machine: makes the first administrator, once; `null` when there are users. */
  readonly firstToken: string | null;
  engineState(): EngineState;
  /** Frames captured by all cameras so far. */
  captured(): number;
  /** Stops engines, drains their reads, closes everything in order. */
  stop(reason: string): Promise<Summary>;
}

export interface ControlOptions {
  /** Makes the demonstration's department before anything starts. @returns its logins, for the sign-in page. */
  readonly demo?: (governed: Governed) => Promise<Result<() => readonly DemoLogin[], string>>;
}

/** Builds the whole program from its configuration and runs it. @returns one line when something cannot start; nothing is left running. */
export async function startControl(config: Config, options: ControlOptions = {}): Promise<Result<Control, string>> {
  checkLimits();
  const exposed = exposureProblem(config.server);
  if (exposed !== null) return fail(exposed);
  const opened = new Closers();
  const control = await build(config, options, opened);
  if (!control.ok) await opened.closeAll();
  return control;
}

async function build(config: Config, options: ControlOptions, opened: Closers): Promise<Result<Control, string>> {
  const dataDir = resolve(config.dataDir);
  const locked = await lockDataDir(dataDir);
  if (!locked.ok) return locked;
  opened.add(locked.value.release);
  const metricsToken = readMetricsToken(config.server);
  if (!metricsToken.ok) return metricsToken;
  const clock = systemClock;
  const log = createLog(config.log, 'control');
  const governed = await openGoverned(config, clock, log);
  if (!governed.ok) return governed;
  const { governance, ledger, accounts } = governed.value;
  opened.add(() => governed.value.close());
  const models = await recordModels(governed.value);
  if (!models.ok) return models;
  const demo = (await options.demo?.(governed.value)) ?? ok(null);
  if (!demo.ok) return demo;

  const authority = governedBy(governance);
  const openedLists = await openHotLists({ settings: config.hotList, dataDir, clock, log, authority });
  if (!openedLists.ok) return openedLists;
  const hotLists = openedLists.value;
  opened.add(() => hotLists.stop());
  const { matcher } = hotLists;
  const cameraRegistry = { position: (id: string) => governance.state().cameras.get(id) ?? null };
  const retentionDays = () => governance.retentionDays();
  const holds = () => openHolds(governance.state());
  const openedStore = await openStore(config.store, { clock, dataDir, log, cameraRegistry, retentionDays, holds });
  if (!openedStore.ok) return openedStore;
  const store = openedStore.value;
  opened.add(() => store.close());
  const history = await openHistoryService({
    governance,
    ledger,
    store,
    limits: config.store.search,
    dataDir,
    configuredCameras: config.cameras.map(({ id }) => id),
    log,
  });
  opened.add(() => history.close());
  const alerts = new Alerts({
    file: join(dataDir, 'alerts', 'alerts.jsonl'),
    clock,
    coolDownMs: config.alerts.coolDownSeconds * 1000,
    escalateSightings: config.alerts.escalateSightings,
    escalateWithinMs: config.alerts.escalateWithinMinutes * 60_000,
  });
  opened.add(() => alerts.close());
  const pictures = openAlertPictures(join(dataDir, 'alerts', 'pictures.jsonl'), store);
  opened.add(() => pictures.close());
  const hits = startHitOpener(alerts, governed.value, log);
  opened.add(() => hits.close());
  opened.add(learnFromHits(governance, ledger, matcher.confusion));
  const forwarding = startAlertForwarding({ settings: config.alerts, dataDir, alerts, governance, clock, log });
  if (!forwarding.ok) return forwarding;
  opened.add(() => forwarding.value.close());
  const service = startCameraService([...config.cameras, ...config.bus.cameras], governance, ledger);
  opened.add(() => service.close());

  const engines = new Engines();
  let feedClients = 0;
  let retention: RetentionJob | null = null;
  const metrics = createMetrics({
    totals: engines.totals,
    cameraStates: () => engines.cameraStates(),
    stageTimes: () => engines.figures.stages(),
    ledgerTimes: () => ledger.appendTimes(),
    scraped: () =>
      scrapedFrom({
        config,
        engines,
        hotLists,
        forwarding: forwarding.value,
        alerts,
        feedClients: () => feedClients,
        store,
        governed: governed.value,
        retention: () => retention,
        nowMs: clock.nowMs,
      }),
  });
  const firstAlert = alerts.lastSequence();
  const latenciesMs: number[] = [];
  alerts.listen(({ canary, match }) => {
    if (!canary) latenciesMs.push(clock.nowMs() - match.read.capturedAtMs);
  });
  const health = new CameraHealth(governance, clock, log);
  const live = createLive({
    matcher,
    alerts,
    pictures,
    store,
    metrics,
    nowMs: clock.nowMs,
    cameraRefusal: (id) => (id === canaryCamera ? null : governance.cameraRefusal(id)),
    cameraHealth: async (read, final) => (read.cameraId === canaryCamera ? null : health.observe(read, final)),
    keepingRefusal: () => governance.keepingRefusal(),
    compare: (claims) => hotLists.compare(claims),
  });

  const canary = startCanary({
    settings: config.alerts,
    report: live,
    listen: (listener) => alerts.listen(listener),
    isPaused: () => governance.suspended(),
    observe: metrics.canary,
    log,
  });
  opened.add(() => canary.stop());

  const app = createApp({
    clock,
    log,
    governance,
    accounts,
    ledger,
    history,
    feed: alerts,
    hotLists,
    evidence: (receipt, alertId, kind) => pictures.load(receipt, alertId, kind),
    onFeedClients: (change) => {
      feedClients += change;
    },
    cameras: () => engines.cameras(),
    cameraViews: cameraViewsOf(config.cameras, health, engines),
    notReady: () => [
      ...notReady(engines, store, hotLists, governed.value),
      ...alerts.problems(),
      ...forwarding.value.problems(),
      ...(retention?.problem() ? [`retention: ${retention.problem()}; nothing is deleted until it is mended`] : []),
    ],
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
    testTitles: () => testTitles().titles,
    demo: demo.value,
    server: {
      origin: config.server.origin,
      trustedProxies: config.server.trustedProxies,
      metricsToken: metricsToken.value,
    },
  });
  const serving = await startServing(app.fetch as never, config.server);
  if (!serving.ok) return serving;

  engines.start({
    config,
    spoolFolder: join(dataDir, 'spool'),
    service,
    live,
    onCamera: (camera) => health.observeStream(camera),
    log,
  });
  const backups = {
    name: 'backups',
    forget: (oldestKeptMs: number) => forgetBackups(config.store.backups, oldestKeptMs, log),
  };
  const { exports } = history;
  const copies = keptCopies({ store, alerts, pictures, forwarding: forwarding.value, exports, backups, holds });
  const job = startRetentionJob({ governance, ledger, store, cases: history.cases, copies, log });
  retention = job;
  const oversight = startOversightJob(governance, ledger, log);
  return ok({
    address: serving.value.address,
    alerts,
    governed: governed.value,
    firstToken: accounts.enrolments.firstToken(),
    engineState: () => engines.state(),
    captured: () => sumCounts(engines.totals.all().values()).captured,
    async stop(reason) {
      job.stop();
      oversight.stop();
      await engines.stop(reason);
      await store.flush(10_000);
      await serving.value.close();
      await opened.closeAll();
      const cameras = config.cameras.length + config.bus.cameras.length;
      const run = { cameras, reads: engines.reads(), alerts: alerts.lastSequence() - firstAlert, latenciesMs };
      return summaryOf(engines.totals, run);
    },
  });
}

/** One short sentence for each thing that keeps the system from its work. */
function notReady(engines: Engines, store: Store, hotLists: HotLists, { governance, ledger }: Governed): string[] {
  const reasons = [...hotLists.problems(), ...engines.notReady()];
  const health = store.health();
  if (!health.healthy) reasons.push(`store: ${health.why}`);
  if (ledger.poisoned !== null) reasons.push(`ledger: ${ledger.poisoned}`);
  if (governance.state().users.size === 0) reasons.push('policy: no administrator yet; use the one-time token');
  return reasons;
}
