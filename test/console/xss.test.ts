import { strict as assert } from 'node:assert';
import type { Browser, Page } from 'playwright-core';
import { testBrowser, visitor, type Watched } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { stepUp } from './forms.js';
import { assertText, attack, drawn, fillAll, loaded, payload, screensOf } from './payloads.js';
import { enter, live, match, open, type Program, startProgram } from './program.js';

const { test, before, after } = suite('what people type stays text', missing('chromium'));
let browser: Browser;
let program: Program;
before(async () => {
  [browser, program] = await Promise.all([
    testBrowser(),
    startProgram({ config: { hotList: { sources: [{ name: 'city', format: 'csv' }] } } }),
  ]);
  const { entry } = match(1);
  const described = { make: payload, model: payload, colour: payload, type: payload };
  const named = { ...entry, reason: payload, originatingAgency: payload, vehicle: described };
  await program.control.alerts.raise(match(1, { entry: named }));
});
after(async () => {
  await browser.close();
  await program.stop();
});

/** Only one's own undoing is left out: what would end this very session, or the person who is used as the victim, before the end. */
const leftOut =
  /^(Sign out|Remove|Revoke|Freeze|Administrator|Enter|✕|Mute.*|Muted.*|Test the sound|♪.*|Register a passkey.*|CSV|JSONL|PARQUET)$/;

/** Every dialog behind a button, and every form of the screen itself. */
async function attackScreen(watched: Watched, screen: string): Promise<number> {
  const { page } = watched;
  let typed = 0;
  const done = new Set<string>();
  await loaded(page);
  for (;;) {
    const buttons = page.locator('main button[type=button]');
    const labels = (await buttons.allTextContents()).map((text) => text.trim());
    const next = labels.find((text) => text !== '' && !done.has(text) && !leftOut.test(text));
    if (next === undefined) break;
    done.add(next);
    const button = page.locator('main').getByRole('button', { name: next, exact: true }).first();
    // What the last command did may have taken it away.
    if ((await button.count()) === 0) continue;
    await button.click();
    await drawn(page);
    const dialog = page.locator('dialog[open]');
    if (await dialog.isVisible()) {
      const form = dialog.locator('form').first();
      // A dialog of mere reading has none.
      await form.or(dialog.locator('table')).first().waitFor();
      if ((await form.count()) > 0) typed += await attack(watched, form, `${screen}, ${next}`);
      if (await dialog.isVisible()) await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }
  }
  for (const form of await page.locator('main form').all()) {
    if (screen === 'Suspend' || (await form.count()) === 0) continue;
    typed += await attack(watched, form, `${screen}, its own form`);
  }
  return typed;
}

for (const person of ['chief', 'supervisor', 'operator', 'technician', 'records', 'auditor']) {
  test(`${person}: markup in every text field of every form runs nowhere, and every screen shows it as text [II.D]`, async () => {
    const watched = await visitor(browser, program.address);
    const { page, context } = watched;
    await enter(page, program.address, person);
    await stepUp(page, person);
    const screens = await screensOf(page);
    let typed = 0;
    for (const screen of screens) {
      await open(page, screen);
      if (screen === 'Alerts') await openAlert(page);
      typed += await attackScreen(watched, screen);
    }
    assert.ok(typed > 0, 'no text field was found');
    process.stdout.write(`${person}: ${typed} text fields on ${screens.length} screens\n`);
    for (const screen of screens) {
      await open(page, screen);
      await loaded(page);
      await assertText(watched, `${person} reads ${screen}`);
    }
    await context.close();
  });
}

async function openAlert(page: Page): Promise<void> {
  await live(page);
  const row = page.locator('.alert-row').first();
  if ((await row.count()) === 0) return;
  await row.click();
  await page.locator('.detail').waitFor();
}

test('at the door, before anybody has signed in: the same [II.D]', async () => {
  const watched = await visitor(browser, program.address);
  const { page } = watched;
  await page.goto(`${program.address}/#/enrol`);
  await page.getByRole('heading', { name: 'Set up your login' }).waitFor();
  const form = page.locator('form');
  await fillAll(form, 'payload');
  await form.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('alert').first().waitFor();
  await assertText(watched, 'enrolment');
  await page.goto(`${program.address}/#/alerts`);
  await page.getByRole('heading', { name: 'Sign in to platestream' }).waitFor();
  await fillAll(page.locator('form'), 'payload');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').first().waitFor();
  await assertText(watched, 'sign-in');
  await watched.context.close();
});
