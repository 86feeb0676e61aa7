import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Config, parseConfig } from '../../src/config.js';
import { cameraId, readId } from '../../src/data/ids.js';
import type { Match } from '../../src/data/match.js';
import { makeDemoDepartment } from '../../src/governed/demo_department.js';
import { type Control, startControl } from '../../src/main.js';
import { packagePath } from '../../src/package_root.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import type { Watched } from '../support/browser.js';
import { until } from '../support/until.js';

/** The real program in this process: ledger, policy, store, engine, API and console. */
export interface Program {
  readonly control: Control;
  readonly address: string;
  readonly dataDir: string;
  /** Stops and starts again, on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProgramOptions {
  /** Rendered scenes over real RTSP, one a camera; none: alerts are raised by the test. */
  readonly clips?: readonly string[];
  /** More settings of each camera. */
  readonly camera?: Readonly<Record<string, unknown>>;
  /** The demonstration's department; `false` leaves the system empty. */
  readonly demo?: boolean;
  readonly config?: Readonly<Record<string, unknown>>;
}

const hotList = {
  file: packagePath('assets', 'demo', 'hot-list.csv'),
  stopAfterHours: 8760,
  staleAfterHours: 8760,
};

export async function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const { clips = [], camera = {}, demo = true, config = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), 'platestream-console-'));
  const dataDir = join(folder, 'data');
  const files = clips.map((name) => packagePath('assets', 'clips', `${name}.mp4`));
  const simulator = clips.length > 0 ? await startRtspServer({ clips: files, cameras: clips.length }) : null;
  const cameras = (simulator?.urls ?? []).map((url, index) => ({ id: `street-${index + 1}`, url, ...camera }));
  const settings = (port: number) =>
    configOf({
      dataDir,
      log: 'error',
      server: { port },
      hotList,
      cameras,
      alerts: { canaryEverySeconds: 0 },
      ...config,
    });
  const open = async (port: number) => {
    const ids = cameras.map(({ id }) => id);
    const started = await startControl(
      settings(port),
      demo ? { demo: (governed) => makeDemoDepartment(governed, ids) } : {},
    );
    assert.ok(started.ok, started.ok ? '' : started.error);
    return started.value;
  };
  let control = await open(0);
  const { address } = control;
  const port = Number(new URL(address).port);
  return {
    get control() {
      return control;
    },
    address,
    dataDir,
    async restart() {
      await control.stop('test');
      control = await open(port);
    },
    async stop() {
      await control.stop('test');
      await simulator?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(settings: object): Config {
  const parsed = parseConfig(JSON.stringify(settings), 'test');
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return parsed.value;
}

/** Signs in as one of the demonstration's people, by the button on the page. */
export async function enter(page: Page, address: string, userId: string): Promise<void> {
  await page.goto(`${address}/`);
  const row = page.locator('.demo-login').filter({ has: page.getByText(userId, { exact: true }) });
  const button = row.getByRole('button', { name: 'Enter' });
  await button.click();
  const inside = page.getByRole('button', { name: 'Sign out' });
  const elsewhere = page.getByText('you are logged in elsewhere', { exact: false });
  await inside.or(elsewhere).first().waitFor();
  // The page asks whether the other session may be ended; here it may.
  if (await elsewhere.isVisible()) await button.click();
  await inside.waitFor();
}

/** Sessions and courses are told half a second late, as on a slow box: whoever acts on what is shown finds out whether it is what there is. */
export async function slowTraining(page: Page): Promise<void> {
  await page.route(/\/api\/training$/, async (route) => {
    const answer = await route.fetch();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.fulfill({ response: answer });
  });
}

/** Leaves nothing behind that the next sign-in of the same person would have to end: each costs a code, and a code is good once. */
export async function leave({ page, context }: Pick<Watched, 'page' | 'context'>): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to platestream' }).waitFor();
  await context.close();
}

/** Opens a screen by its place in the navigation; the one before it is gone by then, so that nothing of it is taken for the new one's. */
export async function open(page: Page, screen: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen }).click();
  // By its place in the page, not by its role: on a phone the menu closes, and what is hidden has no role.
  await page
    .locator('nav[aria-label="Screens"] a[aria-current="page"]', { hasText: screen })
    .waitFor({ state: 'attached' });
  await page.getByRole('heading', { level: 1 }).waitFor();
}

const categories = ['stolen_vehicle', 'warrant', 'missing_child', 'amber_alert'];

/** A match as the matcher makes it, number `n` of its kind: another plate, camera and entry each. */
export function match(n: number, over: Partial<Match> = {}): Match {
  const nowMs = Date.now();
  const plate = `T${String(n).padStart(5, '0')}`;
  const camera = cameraId(`corner-${n % 7}`);
  assert.ok(camera);
  const digest = 'a'.repeat(64);
  const none = new Uint8Array();
  const evidence = { vehicle: none, vehicleSha256: digest, plate: none, plateSha256: digest };
  return {
    kind: 'exact',
    matchedText: plate,
    read: {
      id: readId(`test-${camera}-${n}`),
      cameraId: camera,
      plate,
      confidence: 0.97,
      alternatives: [{ text: plate, confidence: 0.97 }],
      state: 'MA',
      stateConfidence: 0.9,
      capturedAtMs: nowMs,
      captureClock: 'receive',
      firstSeenAtMs: nowMs,
      lastSeenAtMs: nowMs,
      frameCount: 5,
      direction: 'approaching',
      box: { x: 0, y: 0, width: 100, height: 50 },
      evidence,
      model: 'test',
    },
    entry: {
      entryId: `test:${n}`,
      plate,
      state: 'MA',
      category: categories[n % categories.length] as string,
      source: 'test',
      vehicle: null,
      originatingAgency: null,
      expiresAtMs: null,
      reason: null,
    },
    list: { version: 1, sha256: digest, compiledAtMs: nowMs, loadedAtMs: nowMs, entries: 1 },
    listAgeMs: 60_000,
    stale: false,
    stateAgreement: 'agree',
    chance: 0.93,
    ...over,
  };
}

/** Numbers of the alerts in the page's list, as drawn. */
export async function alertsDrawn(page: Page): Promise<string[]> {
  const links = page.locator('.alert-list .alert-row');
  const hrefs = await links.evaluateAll((rows) => rows.map((row) => row.getAttribute('href') ?? ''));
  return hrefs.map((href) => href.replace('#/alerts/', ''));
}

/** Waits until the page says that the feed is live. */
export async function live(page: Page): Promise<void> {
  await until('a live feed', () => page.locator('[data-feed="live"]').count());
}
