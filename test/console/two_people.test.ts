import { strict as assert } from 'node:assert';
import type { Browser, Page } from 'playwright-core';
import { testBrowser, visitor, type Watched } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { fill, give, rowOf, stepUp } from './forms.js';
import { enter, open, type Program, startProgram } from './program.js';

const { test, before, after } = suite('what two people decide, in the console', missing('chromium'));
let browser: Browser;
let program: Program;
let chief: Watched;

before(async () => {
  const list = { sources: [{ name: 'city', format: 'csv' }], rejectedShareMax: 0.5 };
  [browser, program] = await Promise.all([testBrowser(), startProgram({ config: { hotList: list } })]);
  chief = await arrive('chief');
});
after(async () => {
  await browser.close();
  await program.stop();
});

/** Signed in, with the second factor given anew. */
async function arrive(userId: string): Promise<Watched> {
  const watched = await visitor(browser, program.address);
  await enter(watched.page, program.address, userId);
  await stepUp(watched.page, userId);
  return watched;
}

const state = () => program.control.governed.governance.state();

test('an exception: granted by the administrator in person, seen by a supervisor, ended early [IV.A.4]', async () => {
  const { page } = chief;
  await open(page, 'Exceptions');
  await give(page, 'Grant an exception', {
    Login: 'analyst',
    'Category that is otherwise never alerted': 'Gang',
    'Case number': '26-2001',
    Facts: 'Armed robbery on Elm Street, two named suspects travel in listed vehicles',
  });
  await rowOf(page, 'analyst').getByText('in force').waitFor();
  const other = await visitor(browser, program.address);
  await enter(other.page, program.address, 'supervisor2');
  await open(other.page, 'Exceptions');
  await rowOf(other.page, 'analyst').getByText('26-2001').waitFor();
  assert.equal(await other.page.getByRole('button', { name: 'End', exact: true }).count(), 0);
  assert.deepEqual(other.wrong, []);
  await other.page.getByRole('button', { name: 'Sign out' }).click();
  await give(page, 'End', { Why: 'The suspects are in custody' }, 'End the exception');
  await rowOf(page, 'analyst').getByText('ended').waitFor();
});

test('an agency gets an agreement with an end; a vendor its papers, a window and the bulk data [IV.D.2, IV.C.3.a, IV.F.1]', async () => {
  const { page } = chief;
  await open(page, 'Partners');
  await give(page, 'Register an agency', { 'Short name': 'somerville', 'Full name': 'Somerville Police' });
  await rowOf(page, 'somerville').getByText('none').waitFor();
  const shared = { 'Signed agreement': 'the agreement', 'Data of cases': 'on' };
  await give(page, 'Agreement', shared, 'Agreement with somerville', rowOf(page, 'somerville'));
  await rowOf(page, 'somerville')
    .getByText(/^until /)
    .waitFor();
  assert.deepEqual(state().agencies.get('somerville')?.mou?.scope, ['case_data']);
  await give(page, 'End', { Why: 'It ran out of purpose' }, 'End the agreement with somerville');
  await rowOf(page, 'somerville')
    .getByText(/^ended /)
    .waitFor();

  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 16);
  const papers = { 'Full name': 'Vault Inc.', 'Addendum signed': yesterday, 'People screened': yesterday };
  await give(page, 'Record a vendor', { 'Short name': 'vault', ...papers });
  await give(page, 'Make custodian', {}, 'vault keeps the bulk data', rowOf(page, 'vault'));
  await page.getByText('keeps the bulk data').waitFor();
  assert.equal(state().custodian, 'vault');

  await open(page, 'People');
  await page.getByRole('button', { name: 'New login' }).click();
  const dialog = page.getByRole('dialog');
  await fill(dialog, {
    Login: 'vault-vera',
    Name: 'Vera of Vault',
    Kind: 'Of a vendor',
    'Vendor (optional)': 'vault',
  });
  await dialog.getByRole('button', { name: 'New login' }).click();
  await page.getByRole('button', { name: 'I have handed it over' }).click();
  await open(page, 'Partners');
  await give(page, 'Let a vendor in', { "The vendor's login": 'vault-vera', Ticket: 'ticket-7' });
  await rowOf(page, 'ticket-7').getByText('open').waitFor();
});

test('another time of retention: the administrator proposes, the records unit agrees, neither alone [IV.F.1, IV.F.3]', async () => {
  const { page } = chief;
  await open(page, 'Retention');
  await page.getByText('29 days').waitFor();
  await give(page, 'Propose another time', { Days: '20', Why: 'Less is enough here' });
  await page.getByText('waits for the other side').waitFor();
  const records = await arrive('records');
  await open(records.page, 'Retention');
  await give(records.page, 'Agree', {}, 'Keep reads 20 days');
  await records.page.getByText('20 days', { exact: true }).waitFor();
  assert.equal(state().retentionDays, 20);
  assert.deepEqual(records.wrong, []);
  await records.context.close();
});

test('a quarterly audit from its opening to its conclusion: sample, finding, answer [IV.C.6.b]', async () => {
  const { page } = chief;
  await open(page, 'Audit');
  await give(page, 'Open the quarterly audit', { 'Auditor (login)': 'auditor' });
  const auditor = await visitor(browser, program.address);
  await enter(auditor.page, program.address, 'auditor');
  await open(auditor.page, 'Audit');
  await give(auditor.page, 'Draw the sample', {});
  await auditor.page.getByRole('button', { name: /^Show the \d+ sampled records/ }).click();
  await auditor.page.getByRole('region', { name: 'Sample' }).getByRole('row').nth(1).waitFor();
  await give(auditor.page, 'Record a finding', { Finding: 'One reason is thin' });
  await auditor.page.getByText('One reason is thin').waitFor();
  await open(page, 'People');
  await open(page, 'Audit');
  await give(page, 'Answer the finding', { Answer: 'The operator was spoken to' });
  await open(auditor.page, 'Policy');
  await open(auditor.page, 'Audit');
  await auditor.page.getByText('The operator was spoken to').waitFor();
  await give(auditor.page, 'Close the audit', { Conclusion: 'In order' });
  await auditor.page
    .getByText(/^closed /)
    .first()
    .waitFor();
  assert.deepEqual(auditor.wrong, []);
  await auditor.context.close();
});

test('somebody frozen at work loses the screen within seconds, and is told why [II.pre]', async () => {
  const analyst = await visitor(browser, program.address);
  await enter(analyst.page, program.address, 'analyst');
  await open(analyst.page, 'Alerts');
  const { page } = chief;
  await open(page, 'People');
  await give(page, 'Freeze', { Why: 'Under investigation' }, 'Freeze DEMO Analyst', rowOf(page, 'analyst'));
  await analyst.page.getByText('Your account is frozen').waitFor();
  assert.equal(await analyst.page.getByRole('navigation', { name: 'Screens' }).count(), 0);
  await give(page, 'Unfreeze', { Why: 'Cleared' }, 'Unfreeze DEMO Analyst', rowOf(page, 'analyst'));
  assert.equal(state().users.get('analyst')?.frozen, false);
  await analyst.page.getByRole('navigation', { name: 'Screens' }).waitFor();
  await analyst.context.close();
});

test('a list handed over: rejected lines by number and reason, a moved row count only with an approval by name [III.M]', async () => {
  const { page } = chief;
  await open(page, 'Hot lists');
  const rows = (count: number) =>
    Array.from({ length: count }, (_, n) => `L${String(n).padStart(5, '0')},MA,stolen_vehicle`);
  const list = (...lines: string[]) => Buffer.from(['plate,state,category', ...lines].join('\n'));
  await page.getByRole('button', { name: 'Import a list' }).click();
  const dialog = page.getByRole('dialog');
  const file = dialog.getByLabel('File');
  await file.setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: list(...rows(20), ',MA,stolen_vehicle') });
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await dialog.getByText('Loaded', { exact: true }).waitFor();
  await dialog.getByRole('region', { name: 'Rejected lines of city' }).getByText('22', { exact: true }).waitFor();

  await file.setInputFiles({ name: 'b.csv', mimeType: 'text/csv', buffer: list(...rows(5)) });
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await dialog.getByText(/COUNT_MOVED/).waitFor();
  await fill(dialog, { 'Why the row count may move so far': 'The state has cleaned its list' });
  await dialog.getByRole('button', { name: 'Approve and import' }).click();
  await dialog.getByText('Loaded', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  const imports = page.getByRole('region', { name: 'Imports', exact: true });
  await until('both outcomes in the list', async () => {
    const text = (await imports.textContent()) ?? '';
    return /refused/.test(text) && /loaded/.test(text);
  });
});

test('the whole system: one person stops it, two lift it [II.C]', async () => {
  const { page } = chief;
  const operator = await visitor(browser, program.address);
  await enter(operator.page, program.address, 'operator');
  await open(page, 'Suspend');
  await submit(page, 'Suspend the whole system', { 'Order number': 'order-7', Why: 'By vote of the council' });
  await operator.page.getByText('SUSPENDED by order order-7').waitFor();
  await operator.page
    .getByText(/No plate is shown|no plate is shown/)
    .first()
    .waitFor();
  await submit(page, 'Propose to resume', { 'Order number': 'order-8', Why: 'By vote of the council' });
  await page.getByText('Waits for the department head, another person.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Resume the system' }).count(), 0);
  const head = await arrive('head');
  await open(head.page, 'Suspend');
  await submit(head.page, 'Resume the system', { 'Order number': 'order-8' });
  await until('operation again', () => state().suspension === null);
  await operator.page.getByText('SUSPENDED by order').waitFor({ state: 'detached' });
  for (const { wrong } of [chief, operator, head]) assert.deepEqual(wrong, []);
});

async function submit(page: Page, button: string, values: Record<string, string>): Promise<void> {
  const form = page.locator('form').filter({ has: page.getByRole('button', { name: button }) });
  await fill(form, values);
  await form.getByRole('button', { name: button }).click();
}
