import { strict as assert } from 'node:assert';
import type { Browser } from 'playwright-core';
import { testBrowser, visitor, type Watched } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { alertsDrawn, enter, live, match, type Program, startProgram } from './program.js';

const { test, before, after } = suite('alerts in the console', missing('chromium'));
let browser: Browser;
let program: Program;
let operator: Watched;
let raised = 0;

/** As the matcher does: durable, then told to everybody. */
async function raise(count: number): Promise<void> {
  const first = raised + 1;
  raised += count;
  const alerts = await Promise.all(
    Array.from({ length: count }, (_, index) => program.control.alerts.raise(match(first + index))),
  );
  assert.ok(alerts.every((alert) => alert !== null));
}

async function drawn(count: number): Promise<string[]> {
  await until(`${count} alerts on the page`, async () => (await alertsDrawn(operator.page)).length === count);
  return alertsDrawn(operator.page);
}

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram()]);
  operator = await visitor(browser, program.address);
  await operator.page.addInitScript(noteArrivals);
  await enter(operator.page, program.address, 'operator');
  await live(operator.page);
});
after(async () => {
  await browser.close();
  await program.stop();
});

test('an alert appears by itself, as a potential hit, its plate withheld [III.A, IV.A.8.a(1)]', async () => {
  await raise(3);
  assert.deepEqual(await drawn(3), ['alert-3', 'alert-2', 'alert-1']);
  const text = (await operator.page.locator('body').textContent()) ?? '';
  assert.doesNotMatch(text, /T0000\d/, 'the plate is on the page');
  for (const [, before_] of text.matchAll(/(.{0,12})\bhit\b/gi)) assert.match(before_ ?? '', /potential\s*$/i);
  assert.match(await operator.page.title(), /^\(3\)/);
});

test('after a gap in the network every alert is there, each once', async () => {
  await operator.context.setOffline(true);
  await raise(4);
  await operator.context.setOffline(false);
  const all = await drawn(7);
  assert.equal(new Set(all).size, 7);
});

test('after the server has restarted: sign in again, and every alert is there, each once [IV.C.5]', async () => {
  await raise(2);
  await program.restart();
  await raise(1);
  await operator.page.getByRole('heading', { name: 'Sign in to platestream' }).waitFor();
  await until('words why', async () => /session has ended/.test((await operator.page.textContent('body')) ?? ''));
  await enter(operator.page, program.address, 'operator');
  await live(operator.page);
  await raise(1);
  const all = await drawn(11);
  assert.deepEqual(
    all,
    Array.from({ length: 11 }, (_, index) => `alert-${11 - index}`),
  );
});

test('muted is said in words, on every screen', async () => {
  const { page } = operator;
  await page.getByRole('button', { name: /^Sound/ }).click();
  await page.getByRole('button', { name: /^MUTED/ }).waitFor();
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Health' }).click();
  await page.getByRole('button', { name: /^MUTED/ }).click();
  await page.getByRole('button', { name: /^Sound/ }).waitFor();
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Alerts' }).click();
});

test('two hundred alerts at once, five times: none lost or doubled, one drawing a frame, memory flat', async () => {
  const { page } = operator;
  const devtools = await operator.context.newCDPSession(page);
  const heapBytes = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    return ((await devtools.send('Runtime.getHeapUsage')) as { usedSize: number }).usedSize;
  };
  await page.evaluate(watchPainting);
  const delays: number[] = [];
  const inPage: number[] = [];
  let afterFirst = 0;
  for (let burst = 0; burst < 5; burst += 1) {
    const from = raised;
    await raise(200);
    const newest = `alert-${raised}`;
    await until('the newest alert', async () => (await alertsDrawn(page)).includes(newest));
    const [painted, arrived] = (await page.evaluate('[window.paintedAtMs, window.arrivedAtMs]')) as AtMs[];
    for (const alert of program.control.alerts.after(from, 200)) {
      const at = painted?.[alert.id];
      if (at === undefined) continue;
      delays.push(at - alert.createdAtMs);
      inPage.push(at - (arrived?.[alert.id] ?? 0));
    }
    const all = await alertsDrawn(page);
    assert.equal(new Set(all).size, all.length);
    if (burst === 0) afterFirst = await heapBytes();
  }
  const open = await page.locator('.nav .count').first().textContent();
  assert.equal(open, '400+', 'the page keeps its newest alerts, and says that there are more');
  const grownBytes = (await heapBytes()) - afterFirst;
  assert.ok(grownBytes < 5_000_000, `the page grew by ${grownBytes} bytes`);
  for (const [what, times] of Object.entries({ 'event to paint': delays, 'of that in the page': inPage })) {
    times.sort((one, other) => one - other);
    const [median, p95] = [0.5, 0.95].map((share) => times[Math.floor(times.length * share)]);
    process.stdout.write(`${what}: ${times.length} alerts, median ${median} ms, p95 ${p95} ms\n`);
  }
  assert.deepEqual(operator.wrong, []);
});

type AtMs = Readonly<Record<string, number>>;

/** In the page, before its own script: when each alert's event arrived, by the wall clock. */
function noteArrivals(): void {
  const arrived: Record<string, number> = {};
  (window as unknown as { arrivedAtMs: typeof arrived }).arrivedAtMs = arrived;
  const Plain = EventSource;
  window.EventSource = class extends Plain {
    constructor(...how: ConstructorParameters<typeof Plain>) {
      super(...how);
      this.addEventListener('alert', ({ lastEventId }) => {
        arrived[`alert-${lastEventId}`] ??= Date.now();
      });
    }
  };
}

/** In the page: when each alert's row was first in a painted frame, by the wall clock. */
function watchPainting(): void {
  const painted: Record<string, number> = {};
  (window as unknown as { paintedAtMs: typeof painted }).paintedAtMs = painted;
  const look = () => {
    for (const row of document.querySelectorAll('.alert-row')) {
      const id = row.getAttribute('href')?.split('/').at(-1) ?? '';
      painted[id] ??= Date.now();
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
