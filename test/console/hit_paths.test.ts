import { strict as assert } from 'node:assert';
import type { Browser, Page } from 'playwright-core';
import type { Alert } from '../../src/data/alert.js';
import { assertAccessible, testBrowser, visitor, type Watched } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { fill, give } from './forms.js';
import { enter, live, type Program, startProgram } from './program.js';

const { test, before, after } = suite('what may become of a hit, in the console', missing('chromium'));
let browser: Browser;
let program: Program;
let operator: Watched;
const done = new Set<string>();

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram({ clips: ['demo-day', 'demo-night'] })]);
  operator = await arrive('operator');
});
after(async () => {
  await browser.close();
  await program.stop();
});

async function arrive(userId: string): Promise<Watched> {
  const watched = await visitor(browser, program.address);
  await enter(watched.page, program.address, userId);
  await live(watched.page);
  return watched;
}

async function nextAlert(): Promise<Alert> {
  const found = await until(
    'an alert from a camera',
    () => program.control.alerts.after(0, 1000).find((one) => !done.has(one.id) && one.match.entry.state !== null),
    90_000,
  );
  done.add(found.id);
  return found;
}

async function look(page: Page, alert: Alert): Promise<void> {
  await page.goto(`${program.address}/#/alerts/${alert.id}`);
  await page.locator('.plate-picture img').waitFor();
}

async function verify(page: Page, { match: { entry } }: Alert): Promise<void> {
  await fill(page, { Plate: entry.plate, State: entry.state ?? '' });
  await page.getByRole('button', { name: 'Compare with the list' }).click();
}

const hitOf = (alert: Alert) =>
  [...program.control.governed.governance.state().hits.values()].filter((one) => one.alertId === alert.id).at(-1);

test('a status check is deferred with a reason and a time, once; a stop may then be recorded; the check closes it [IV.A.8.a(2)]', async () => {
  const { page } = operator;
  const alert = await nextAlert();
  await look(page, alert);
  await verify(page, alert);
  await page.getByRole('heading', { name: '2. Check the status' }).waitFor();
  await give(page, 'Defer the check', { 'Why it cannot be checked now': 'No radio in the tunnel' });
  await page.getByText(/^Deferred until \d\d:\d\d:\d\d: No radio in the tunnel/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Defer the check' }).count(), 0, 'a check is deferred once');
  await give(page, 'Record the stop', {});
  await until('the stop on record', () => hitOf(alert)?.stop);
  await fill(page, { Reference: 'CJIS-7', Active: 'on' });
  await page.getByRole('button', { name: 'Record the status' }).click();
  await page.getByText('Stop recorded.').waitFor();
  await fill(page, { 'Case number': '26-3001', 'What was done': 'Stopped on Main Street' });
  await page.getByRole('button', { name: 'Close as acted on' }).click();
  await page.getByText('Closed: acted on').waitFor();
  assert.equal(hitOf(alert)?.closed?.caseNo, '26-3001');
});

test('a record that is not active any more closes the hit: no stop [IV.A.8.a(2)]', async () => {
  const { page } = operator;
  const alert = await nextAlert();
  await look(page, alert);
  await verify(page, alert);
  await fill(page, { Reference: 'CJIS-8', 'Not active': 'on' });
  await page.getByRole('button', { name: 'Record the status' }).click();
  await page.getByText('Closed: the record is no longer active at its source. No stop.').waitFor();
  assert.equal(await page.getByRole('button', { name: /stop/i }).count(), 0);
});

test('a vehicle that does not look as described waits for a supervisor, who says why it may still be the one [IV.A.7.e]', async () => {
  const { page } = operator;
  const alert = await nextAlert();
  await look(page, alert);
  await give(page, 'The vehicle differs from the description', { 'What differs': 'A red van, not a grey saloon' });
  await page.getByText('The vehicle does not look as described.').waitFor();
  await verify(page, alert);
  await page.getByText('VERIFICATION_INCOMPLETE').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Supervisor: go on/ }).count(), 0);

  const supervisor = await arrive('supervisor');
  await look(supervisor.page, alert);
  await assertAccessible(supervisor.page, 'a description conflict');
  await give(supervisor.page, 'Supervisor: go on in spite of the description', {
    'Why the description does not rule this vehicle out': 'It was repainted, says the owner',
  });
  await supervisor.page.getByText('The vehicle does not look as described.').waitFor({ state: 'detached' });
  await verify(supervisor.page, alert);
  await supervisor.page.getByRole('heading', { name: '2. Check the status' }).waitFor();
  assert.deepEqual(supervisor.wrong, []);
  await supervisor.context.close();
});

test('an open hit is handed over to a colleague with a note, and goes on where it was [IV.A.8.a(2)]', async () => {
  const { page } = operator;
  const alert = await nextAlert();
  await look(page, alert);
  await verify(page, alert);
  await page.getByRole('heading', { name: '2. Check the status' }).waitFor();
  await page.getByRole('button', { name: 'Hand over', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('To', { exact: true }).waitFor();
  await assertAccessible(page, 'a handover');
  await fill(dialog, { To: 'DEMO Second supervisor', 'What is done, what is left': 'Plate compared, no radio yet' });
  await dialog.getByRole('button', { name: 'Hand over', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(/^Handed over by operator to supervisor2/).waitFor();

  const colleague = await arrive('supervisor2');
  await look(colleague.page, alert);
  await colleague.page.getByText('Plate compared, no radio yet').waitFor();
  await colleague.page.getByRole('heading', { name: '2. Check the status' }).waitFor();
  assert.deepEqual(colleague.wrong, []);
  await colleague.context.close();
});

test('a potential hit is dismissed with a note, and the next open one is a key away [IV.B.1.a(2)]', async () => {
  const { page } = operator;
  const alert = await nextAlert();
  await look(page, alert);
  await give(page, 'Dismiss', { Why: 'Not to be acted on', Note: 'A toy car' });
  await page.getByText('Closed: dismissed.').waitFor();
  assert.equal(hitOf(alert)?.closed?.disposition, 'dismissed');
  await page.keyboard.press('Enter');
  await until('the next alert, or the list', () => !page.url().endsWith(alert.id));
  assert.deepEqual(operator.wrong, []);
});
