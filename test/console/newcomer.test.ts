import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { packagePath } from '../../src/package_root.js';
import { testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { fill } from './forms.js';
import { enter, leave, live, open } from './program.js';

const { test, before, after } = suite('a newcomer at the demonstration', missing('chromium'));
let browser: Browser;
let demo: ChildProcess;
let said = '';
let told = '';

/** As `npm run demo` starts it; the alerts it prints are what a person would read off the pictures. */
before(async () => {
  demo = spawn(process.execPath, [packagePath('bin', 'platestream.js'), 'demo', '--port', '0', '--json']);
  demo.stderr?.on('data', (bytes) => {
    said += bytes;
  });
  demo.stdout?.on('data', (bytes) => {
    told += bytes;
  });
  browser = await testBrowser();
});
after(async () => {
  await browser.close();
  const ended = new Promise((resolve) => demo.once('exit', resolve));
  demo.kill('SIGINT');
  await ended;
});

interface Brief {
  readonly id: string;
  readonly plate: string;
  readonly state: string | null;
  readonly stateAgreement: string;
}

const alerts = () =>
  told
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { alert?: Brief }).alert)
    .filter((one) => one !== undefined);

test('sees a car, verifies it, runs a search, and finds both in the audit page, by what is on the screens alone [IV.A.8.a(1), IV.A.5, IV.C.6.a]', async () => {
  const address = await until('the address', () => /console and API at (\S+)/.exec(said)?.[1]);
  await until('the login', () => /Sign in as operator, password "/.test(said));
  const startedAt = performance.now();
  const { page, context, wrong } = await visitor(browser, address);
  await enter(page, address, 'operator');
  await live(page);
  const alert = await until(
    'a car whose state agrees',
    () => alerts().find((one) => one.stateAgreement === 'agree'),
    60_000,
  );
  await page.locator(`.alert-row[href="#/alerts/${alert.id}"]`).click();
  await page.locator('.plate-picture img').waitFor();
  await fill(page, { Plate: alert.plate, State: alert.state ?? '' });
  await page.getByRole('button', { name: 'Compare with the list' }).click();
  await page.getByRole('heading', { name: '2. Check the status' }).waitFor();
  await open(page, 'Search');
  await fill(page, {
    Basis: 'Criminal investigation',
    'Case or incident number': '26-1001',
    Facts: 'Blue sedan left the scene of a robbery on Elm Street, plate given by a witness',
  });
  await page.getByRole('button', { name: 'Go on to the search' }).click();
  await page.getByLabel('Plate or plates (optional)').fill(alert.plate);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByRole('heading', { name: /^\d+ found$/ }).waitFor();
  assert.deepEqual(wrong, []);
  await leave({ page, context });

  const chief = await visitor(browser, address);
  await enter(chief.page, address, 'chief');
  await open(chief.page, 'Audit');
  const records = chief.page.getByRole('region', { name: 'Records' });
  await records.getByText('hit.verify').first().waitFor();
  await records.getByText('reads.search').first().waitFor();
  await chief.page.getByText('Blue sedan left the scene of a robbery').first().waitFor();
  process.stdout.write(
    `from the sign-in page to both records: ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`,
  );
  assert.deepEqual(chief.wrong, []);
  await leave(chief);
});
