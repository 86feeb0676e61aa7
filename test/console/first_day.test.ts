import { strict as assert } from 'node:assert';
import type { Browser, Page } from 'playwright-core';
import { totpCode } from '../../src/policy/accounts/totp.js';
import { testBrowser, visitor, type Watched } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { type Filled, fill, give, rowOf } from './forms.js';
import { live, open, type Program, slowTraining, startProgram } from './program.js';

const { test, before, after } = suite('the first day, in the console alone', missing('chromium'));
let browser: Browser;
let program: Program;
const password = 'a long walk on the charles river';

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram({ clips: ['demo-day'], demo: false })]);
});
after(async () => {
  await browser.close();
  await program.stop();
});

/** With the one-time token to password, authenticator, sign-in and alert profile. */
async function arrive(userId: string, token: string, more: Filled = {}): Promise<Watched> {
  const watched = await visitor(browser, program.address);
  const { page } = watched;
  await page.goto(`${program.address}/#/enrol`);
  await fill(page, { 'One-time token': token, Login: userId, ...more, 'New password': password });
  await page.getByRole('button', { name: 'Continue' }).click();
  const secret = (await page.locator('code.secret').textContent()) ?? '';
  await page.getByRole('img', { name: 'QR code of the authenticator secret' }).waitFor();
  await page.getByRole('link', { name: 'I have added it: sign in' }).click();
  await fill(page, { Login: userId, Password: password, 'Authenticator code': totpCode(secret, Date.now()) });
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Save and begin' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return watched;
}

/** A login with a designation. @returns the one-time token to hand over. */
async function hire(page: Page, userId: string, name: string, role: string): Promise<string> {
  await page.getByRole('button', { name: 'New login' }).click();
  const dialog = page.getByRole('dialog');
  await fill(dialog, { Login: userId, Name: name });
  await dialog.getByRole('button', { name: 'New login' }).click();
  const token = (await page.locator('code.secret').textContent()) ?? '';
  await page.getByRole('button', { name: 'I have handed it over' }).click();
  await give(page, 'Designate', { Role: role, Scope: 'patrol' }, 'Designate', rowOf(page, userId));
  return token;
}

async function train(page: Page, userId: string, kind: string): Promise<void> {
  const modules = kind === 'ALPR training' ? { Operation: 'on', 'Data security': 'on', Policy: 'on' } : {};
  await give(page, 'Approve a course', {
    Kind: kind,
    Title: kind,
    'Course materials': `materials of ${kind}`,
    ...modules,
  });
  const course = kind === 'ALPR training' ? 'Alpr' : 'Cjis';
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 16);
  await give(page, 'Record a session', {
    Course: course,
    Attendees: userId,
    'Attendance log': `log of ${kind}`,
    Held: yesterday,
  });
  const session = await page
    .getByRole('region', { name: 'Training sessions' })
    .getByText(/^session-\d+$/)
    .first()
    .textContent();
  await give(page, 'Certify', {
    Login: userId,
    Session: `${session},`,
    Score: '92',
    Certificate: `certificate of ${kind}`,
  });
}

test('from an empty system to the first verified alert: three people, one camera, nobody approves oneself [II.E, III.D, IV.A.2, IV.A.3, IV.E.1, I.p2, IV.A.8.a(1)]', async () => {
  const chief = await arrive('quinn', program.control.firstToken ?? '', { 'Your name': 'Ada Quinn' });
  await open(chief.page, 'People');
  const technicianToken = await hire(chief.page, 'tec', 'Theo Cole', 'Technician');
  const operatorToken = await hire(chief.page, 'rivera', 'Olivia Rivera', 'Operator');

  const technician = await arrive('tec', technicianToken);
  await slowTraining(technician.page);
  await open(technician.page, 'People');
  await train(technician.page, 'rivera', 'ALPR training');
  await train(technician.page, 'rivera', 'CJIS security training');
  await open(technician.page, 'Cameras');
  await give(technician.page, 'Request a deployment', { Kind: 'Fixed', Purpose: 'Traffic on Main Street' });
  await technician.page.getByText('waits for approval').waitFor();

  await open(chief.page, 'Cameras');
  await give(chief.page, 'Approve', {}, 'Approve the deployment', rowOf(chief.page, 'waits for approval'));
  await open(technician.page, 'People');
  await open(technician.page, 'Cameras');
  const place = { Latitude: '42.3736', Longitude: '-71.1097', Deployment: 'deployment' };
  await give(technician.page, 'Register a camera', { Name: 'street-1', 'Mounted on': 'Pole', ...place });
  await open(chief.page, 'People');
  await open(chief.page, 'Cameras');
  await give(chief.page, 'Approve', {}, 'Approve street-1', rowOf(chief.page, 'street-1'));
  const checked = { 'Works and looks where it should': 'on', Findings: 'Sharp, level, well aimed' };
  await give(technician.page, 'Check', checked, 'Check of street-1', rowOf(technician.page, 'street-1'));

  const operator = await arrive('rivera', operatorToken);
  const { page } = operator;
  await live(page);
  await page.locator('.alert-row').first().waitFor();
  await page.locator('.alert-row').first().click();
  await page.locator('.plate-picture img').waitFor();
  const shown = page.url().split('/').at(-1);
  const alert = program.control.alerts.after(0, 100).find((one) => one.id === shown);
  await fill(page, { Plate: alert?.match.entry.plate ?? '', State: alert?.match.entry.state ?? '' });
  await page.getByRole('button', { name: 'Compare with the list' }).click();
  await page.getByRole('heading', { name: '2. Check the status' }).waitFor();
  const hit = await until('a verified hit', () =>
    [...program.control.governed.governance.state().hits.values()].find((one) => one.verified?.by === 'rivera'),
  );
  assert.equal(hit.alertId, shown);
  for (const { wrong } of [chief, technician, operator]) assert.deepEqual(wrong, []);
});
