import { strict as assert } from 'node:assert';
import type { Browser, Page } from 'playwright-core';
import { testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { leave, type Program, startProgram } from './program.js';

const { test, before, after } = suite('the console by keyboard alone', missing('chromium'));
let browser: Browser;
let program: Program;

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram()]);
});
after(async () => {
  await browser.close();
  await program.stop();
});

interface Focused {
  /** What a person hears or reads. */
  readonly name: string;
  /** Whether it can be seen that it has the focus. */
  readonly seen: boolean;
  /** Whether it comes after the one before, in the order in which the page is read. */
  readonly follows: boolean;
  readonly inDialog: boolean;
}

/** Presses Tab and says where that led. */
async function tab(page: Page): Promise<Focused> {
  await page.keyboard.press('Tab');
  return page.evaluate(() => {
    const kept = window as unknown as { lastFocused?: Element };
    const now = document.activeElement ?? document.body;
    const before = kept.lastFocused;
    kept.lastFocused = now;
    const style = getComputedStyle(now);
    return {
      name: (now.getAttribute('aria-label') ?? now.textContent ?? '').trim(),
      seen: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2,
      follows: !before || Boolean(before.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING),
      inDialog: now.closest('dialog') !== null,
    };
  });
}

/** Goes on by Tab until what is wanted has the focus; every stop on the way can be seen and comes in reading order. */
async function tabTo(page: Page, wanted: RegExp): Promise<void> {
  for (let stops = 0; stops < 60; stops += 1) {
    const now = await tab(page);
    assert.ok(now.seen, `the focus on "${now.name}" cannot be seen`);
    assert.ok(now.follows || stops === 0, `the focus jumps back to "${now.name}"`);
    if (wanted.test(now.name)) return;
  }
  assert.fail(`no way by Tab to ${wanted}`);
}

test('sign-in, a screen, a form and back: every stop is visible and in reading order; a dialog keeps the focus and gives it back', async () => {
  const { page, context, wrong } = await visitor(browser, program.address);
  await page.goto(program.address);
  await page.locator('.demo-login').first().waitFor();
  const people = await page.locator('.demo-login').allTextContents();
  const place = people.findIndex((text) => text.startsWith('supervisor2'));
  for (let at = 0; at <= place; at += 1) await tabTo(page, /^Enter$/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sign out' }).waitFor();

  await page.keyboard.press('Tab');
  await until('the way past the navigation', () => page.evaluate('document.activeElement.className.includes("skip")'));
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate('document.activeElement.id'), 'main');

  await page.reload();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await tabTo(page, /^Hot lists$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Hot lists' }).waitFor();
  await tabTo(page, /^Ask for an entry$/);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await until('the first field', () => page.evaluate('document.activeElement.name === "plate"'));
  for (let stops = 0; stops < 15; stops += 1) {
    const { inDialog, name } = await tab(page);
    // Between the last field and the first come the browser's own controls: then nothing of the page has the focus.
    assert.ok(inDialog || (await page.evaluate('document.activeElement === document.body')), `it left for "${name}"`);
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await until('the focus is back where it was', () =>
    page.evaluate('document.activeElement.textContent.trim() === "Ask for an entry"'),
  );
  assert.deepEqual(wrong, []);
  await leave({ page, context });
});
