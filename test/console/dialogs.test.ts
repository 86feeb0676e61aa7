import { strict as assert } from 'node:assert';
import type { Browser } from 'playwright-core';
import { assertAccessible, testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { enter, leave, open, type Program, startProgram } from './program.js';

const { test, before, after } = suite('dialogs of the console', missing('chromium'));
let browser: Browser;
let program: Program;

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram()]);
});
after(async () => {
  await browser.close();
  await program.stop();
});

for (const [person, screens, colorScheme] of [
  ['chief', ['Retention', 'People', 'Exceptions', 'Partners', 'Audit', 'Policy'], 'light'],
  ['supervisor', ['Hot lists', 'My account'], 'dark'],
  ['technician', ['Cameras', 'People'], 'dark'],
] as const) {
  test(`${person}: every form behind a button is accessible, fits a phone, and Escape leads back`, async () => {
    const { page, context, wrong } = await visitor(browser, program.address, { colorScheme });
    await enter(page, program.address, person);
    let opened = 0;
    for (const screen of screens) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await open(page, screen);
      await page.waitForFunction(() => !/Loading…/.test(document.querySelector('main')?.textContent ?? ''));
      for (const button of await page.locator('.screen-head .buttons > button').all()) {
        const name = (await button.textContent()) ?? '';
        await page.setViewportSize({ width: 1280, height: 900 });
        await button.click();
        const dialog = page.getByRole('dialog');
        await dialog.waitFor();
        await assertAccessible(page, `${person}, ${screen}, ${name}`);
        await page.setViewportSize({ width: 390, height: 844 });
        const fits = await dialog.evaluate(
          (one) => one.scrollWidth <= one.clientWidth && one.clientWidth <= innerWidth,
        );
        assert.ok(fits, `${name} on a phone`);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
        opened += 1;
      }
    }
    assert.ok(opened > 1, `${opened} dialogs`);
    assert.deepEqual(wrong, []);
    await leave({ page, context });
  });
}
