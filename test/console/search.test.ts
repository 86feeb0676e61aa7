import { strict as assert } from 'node:assert';
import type { Browser } from 'playwright-core';
import { assertAccessible, testBrowser, visitor, type Watched } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { enter, open, type Program, startProgram } from './program.js';

const { test, before, after } = suite('searches in the console', missing('chromium'));
let browser: Browser;
let program: Program;
let operator: Watched;

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram({ clips: ['demo-day'] })]);
  operator = await visitor(browser, program.address);
  await enter(operator.page, program.address, 'operator');
});
after(async () => {
  await browser.close();
  await program.stop();
});

const exactAlert = () =>
  program.control.alerts
    .after(0, 100)
    .find(({ match }) => match.kind === 'exact' && match.read.plate === match.entry.plate);

test('a search is refused for its reason, then allowed, and an auditor finds both [IV.A.1, IV.A.5, III.G, IV.C.6.a]', async () => {
  const { page } = operator;
  const alert = await until('a car', exactAlert);
  await open(page, 'Search');
  await page.getByLabel('Basis').selectOption('criminal_investigation');
  await page.getByLabel('Case or incident number').fill('26-1001');
  await page.getByLabel('Facts').fill('investigation investigation investigation');
  await page.getByRole('button', { name: 'Go on to the search' }).click();
  await page.getByLabel('Plate or plates (optional)').fill(alert.match.entry.plate);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByText('REASON_INSUFFICIENT').waitFor();
  await page.getByText(/ledger no\. \d+/).waitFor();

  await page.getByLabel('Facts').fill('Blue sedan left the scene of a robbery on Elm Street, plate given by a witness');
  await page.getByRole('button', { name: 'Go on to the search' }).click();
  const reads = page.getByRole('region', { name: 'Reads' });
  await until(
    'the read in the store: a pass is stored when the vehicle has gone',
    async () => {
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await reads.or(page.getByText('Nothing was found')).first().waitFor();
      if (await reads.isVisible()) return true;
      // Each question is on record and in the list of past searches: not one after the other.
      await page.waitForTimeout(1_500);
      return false;
    },
    60_000,
  );
  await page
    .getByText(/ledger no\. \d+/)
    .first()
    .waitFor();
  await page.locator('td .crop').first().scrollIntoViewIfNeeded();
  await page.locator('td .crop img').first().waitFor();
  await page.getByRole('img', { name: /Plan of the city/ }).waitFor();
  await assertAccessible(page, 'search results');
  await page.getByRole('region', { name: 'My past searches' }).first().getByText('REASON_INSUFFICIENT').waitFor();
  assert.deepEqual(operator.wrong, []);

  const auditor = await visitor(browser, program.address);
  await enter(auditor.page, program.address, 'auditor');
  await open(auditor.page, 'Audit');
  await auditor.page.getByText('REASON_INSUFFICIENT').first().waitFor();
  await auditor.page.getByText('Blue sedan left the scene').first().waitFor();
  assert.deepEqual(auditor.wrong, []);
  await auditor.context.close();
});
