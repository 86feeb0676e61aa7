import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import type { Alert } from '../../src/data/alert.js';
import { packagePath } from '../../src/package_root.js';
import { testBrowser, visitor, type Watched } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { enter, live, type Program, startProgram } from './program.js';

const { test, before, after } = suite('verification in the console', missing('chromium'));
let browser: Browser;
let program: Program;
let operator: Watched;
const done = new Set<string>();

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram({ clips: ['demo-day', 'demo-night'] })]);
  operator = await visitor(browser, program.address);
  await enter(operator.page, program.address, 'operator');
  await live(operator.page);
});
after(async () => {
  await browser.close();
  await program.stop();
});

/** An alert of a car that has driven past a camera, whose picture is on the page. */
async function nextAlert(): Promise<Alert> {
  const found = await until(
    'an alert from a camera',
    () => program.control.alerts.after(0, 1000).find((one) => !done.has(one.id) && one.match.entry.state !== null),
    60_000,
  );
  done.add(found.id);
  return found;
}

async function openByKeyboard(page: Page, alert: Alert): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor();
  const isThere = () => page.url().endsWith(`/${alert.id}`);
  await page.goto(`${program.address}/#/alerts`);
  // J only goes down: one that comes while we walk would be above us.
  await page.locator(`.alert-row[href="#/alerts/${alert.id}"]`).waitFor();
  await until('the alert by J and K', async () => {
    if (!isThere()) await page.keyboard.press('j');
    return isThere();
  });
  await page.locator('.plate-picture img').waitFor();
}

test('a correct potential hit, by keyboard alone: plate, state, status, case; what was read is hidden until then [IV.A.8.a(1), IV.A.8.a(2), IV.B.1.a(2)]', async () => {
  const { page } = operator;
  const alert = await nextAlert();
  const { plate, state } = alert.match.entry;
  await openByKeyboard(page, alert);
  assert.ok(!((await page.textContent('body')) ?? '').includes(plate), 'the wanted plate is on the page');

  const startedAt = performance.now();
  await page.keyboard.press('v');
  await page.keyboard.type(plate.toLowerCase());
  await page.keyboard.press('Tab');
  await page.keyboard.type(state ?? '');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '2. Check the status' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.type('CJIS-2026-1');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '3. Act, or dismiss' }).waitFor();
  await page.getByText('Verified hit: plate and state seen by a person').waitFor();
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`verified by keyboard in ${seconds.toFixed(1)} s\n`);

  await page.keyboard.type('26-1001');
  for (const key of ['Tab', 'Tab']) await page.keyboard.press(key);
  await page.keyboard.type('Stopped; the driver was identified');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('Closed: acted on').waitFor();
  const state_ = program.control.governed.governance.state();
  const hit = [...state_.hits.values()].find((one) => one.alertId === alert.id);
  assert.equal(hit?.closed?.disposition, 'acted_on');
  assert.ok(state_.holds.has('26-1001'));
});

test('a wrong state closes the hit and says why; no stop is possible afterwards [IV.A.8.a(1)]', async () => {
  const { page } = operator;
  const alert = await nextAlert();
  await openByKeyboard(page, alert);
  await page.keyboard.press('v');
  await page.keyboard.type(alert.match.entry.plate);
  await page.keyboard.press('Tab');
  await page.keyboard.type(alert.match.entry.state === 'RI' ? 'NH' : 'RI');
  await page.keyboard.press('Enter');
  await page.getByText('STATE_MISMATCH').waitFor();
  await page.getByText(/of another state than the wanted one; the hit is closed/).waitFor();
  await page.getByText(/ledger no\. \d+/).waitFor();
  await page
    .getByText(/No stop\./)
    .first()
    .waitFor();
  assert.equal(await page.getByRole('button', { name: /stop/i }).count(), 0);
});

test('pictures are never kept by the browser; only what the program serves is asked for [IV.B.1.a(3)]', async () => {
  const { page, context } = operator;
  const [alert] = program.control.alerts.after(0, 1);
  const response = await page.request.get(`${program.address}/api/alerts/${alert?.id}/images/plate`);
  assert.equal(response.status(), 200);
  assert.equal(response.headers()['cache-control'], 'no-store');
  const [cookie] = await context.cookies();
  assert.match(cookie?.name ?? '', /^__Host-/);
  assert.ok(cookie?.httpOnly && cookie.secure && cookie.sameSite === 'Strict');
  assert.deepEqual(operator.wrong, []);
});

test('the page says nothing about a hot list that its file says', () => {
  // Guards the test above: the plates it looks for are those of the shipped list.
  const list = readFileSync(packagePath('assets', 'demo', 'hot-list.csv'), 'utf8');
  for (const alert of program.control.alerts.after(0, 5)) assert.ok(list.includes(alert.match.entry.plate));
});
