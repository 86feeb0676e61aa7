import { strict as assert } from 'node:assert';
import type { Browser } from 'playwright-core';
import { testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { assertText, attack, loaded, screensOf } from './payloads.js';
import { enter, live, open, type Program, startProgram } from './program.js';

const { test, before, after } = suite('why somebody or everything is stopped stays text', missing('chromium'));
let browser: Browser;
let program: Program;

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram({})]);
});
after(async () => {
  await browser.close();
  await program.stop();
});

test('markup in why a login is frozen, a role revoked, a person removed, the system suspended runs nowhere, and every screen shows it as text [II.D] [II.C]', async () => {
  const other = await visitor(browser, program.address);
  await enter(other.page, program.address, 'supervisor2');
  await live(other.page);
  const watched = await visitor(browser, program.address);
  const { page } = watched;
  await enter(page, program.address, 'chief');
  await open(page, 'People');
  let typed = 0;
  for (const name of ['Revoke', 'Remove', 'Freeze']) {
    await loaded(page);
    await page.locator('main').getByRole('button', { name }).last().click();
    const dialog = page.locator('dialog[open]');
    await dialog.waitFor();
    typed += await attack(watched, dialog.locator('form').first(), name);
    if (await dialog.isVisible()) await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }
  assert.ok(typed > 0, 'no text field was found');
  await open(page, 'Suspend');
  await loaded(page);
  assert.ok((await attack(watched, page.locator('main form').first(), 'Suspend')) > 0);
  await other.page.getByText('SUSPENDED by order').waitFor();
  await assertText(other, 'whoever is kept out');
  for (const screen of await screensOf(page)) {
    await open(page, screen);
    await loaded(page);
    await assertText(watched, `chief reads ${screen}`);
  }
  await watched.context.close();
  await other.context.close();
});
