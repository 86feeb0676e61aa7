import { strict as assert } from 'node:assert';
import type { Browser } from 'playwright-core';
import { testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { alertsDrawn, enter, match, type Program, startProgram } from './program.js';

const { test, before, after } = suite('an unattended console', missing('chromium'));
let browser: Browser;
let program: Program;

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram()]);
});
after(async () => {
  await browser.close();
  await program.stop();
});

test('locks itself when nobody touches it, though alerts go on coming, and leaves no picture behind [IV.C.2.a]', async () => {
  const { page, context } = await visitor(browser, program.address);
  await page.clock.install();
  await enter(page, program.address, 'operator');
  await page.clock.runFor('29:00');
  await program.control.alerts.raise(match(1));
  await until('an alert, half an hour is not over', async () => {
    await page.clock.runFor(100);
    return (await alertsDrawn(page)).length === 1;
  });
  await page.clock.runFor('01:30');
  await page.getByRole('heading', { name: 'Sign in to platestream' }).waitFor();
  // The page or the server notices first; either says why.
  await page
    .getByText(/nobody used this page|session has ended/)
    .first()
    .waitFor();
  const answer = await page.request.get(`${program.address}/api/views/alerts`);
  assert.equal(answer.status(), 401, 'the session is over on the server too');
  assert.equal(await page.locator('img').count(), 0);
  await context.close();
});
