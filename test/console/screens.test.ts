import { strict as assert } from 'node:assert';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible, testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { enter, leave, live, match, open, type Program, startProgram } from './program.js';

const { test, before, after } = suite('screens of the console', missing('chromium'));
let browser: Browser;
let program: Program;

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram()]);
  for (let n = 1; n <= 12; n += 1) await program.control.alerts.raise(match(n));
});
after(async () => {
  await browser.close();
  await program.stop();
});

/** Who is shown what; every screen of every role is visited. */
const navigations: Readonly<Record<string, readonly string[]>> = {
  operator: ['Alerts', 'Search', 'Hot lists', 'Cameras', 'Policy', 'Health', 'My account'],
  supervisor: [
    ...['Alerts', 'Search', 'Hot lists', 'Cameras', 'Cases', 'Exceptions', 'Partners', 'Policy', 'Health'],
    'My account',
  ],
  chief: [
    ...['Alerts', 'Search', 'Hot lists', 'Cameras', 'Cases', 'Retention', 'People', 'Exceptions'],
    ...['Partners', 'Audit', 'Policy', 'Suspend', 'Health', 'My account'],
  ],
  technician: ['Cameras', 'Retention', 'People', 'Partners', 'Policy', 'Health', 'My account'],
  records: ['Cameras', 'Cases', 'Retention', 'Partners', 'Policy', 'Health', 'My account'],
  auditor: [
    ...['Cameras', 'Cases', 'Retention', 'People', 'Exceptions', 'Partners', 'Audit', 'Policy', 'Health'],
    'My account',
  ],
};

async function assertFits(page: Page, what: string): Promise<void> {
  const [inner, outer] = (await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )) as [number, number];
  assert.ok(inner <= outer + 1, `${what}: ${inner} px wide on ${outer}`);
}

for (const [person, screens] of Object.entries(navigations)) {
  test(`${person}: sees what belongs to the role, accessible in light and dark, wide and narrow [IV.C.1.a]`, async () => {
    const { page, context, wrong } = await visitor(browser, program.address);
    await enter(page, program.address, person);
    const links = page.getByRole('navigation', { name: 'Screens' }).getByRole('link');
    await links.first().waitFor();
    const names = (await links.allTextContents()).map((name) => name.replace(/\d+\+?$/, ''));
    assert.deepEqual(names, screens);
    for (const screen of screens) {
      await open(page, screen);
      await page.emulateMedia({ colorScheme: 'light' });
      await assertAccessible(page, `${person}, ${screen}, light`);
      await page.emulateMedia({ colorScheme: 'dark' });
      await assertAccessible(page, `${person}, ${screen}, dark`);
      for (const width of [390, 2560]) {
        await page.setViewportSize({ width, height: 900 });
        await assertFits(page, `${person}, ${screen}`);
      }
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    assert.deepEqual(wrong, []);
    await leave({ page, context });
  });
}

test('a phone: the menu, the list, one alert and back', async () => {
  const { page, context, wrong } = await visitor(browser, program.address, { width: 390, height: 844 });
  await enter(page, program.address, 'operator');
  await live(page);
  await page.locator('.alert-row').first().click();
  await page.getByText('POTENTIAL hit: not verified').waitFor();
  assert.ok(!(await page.locator('.alert-row').first().isVisible()));
  await assertAccessible(page, 'an alert on a phone');
  await page.getByRole('link', { name: '← List' }).click();
  await page.locator('.alert-row').first().waitFor();
  await page.getByRole('button', { name: 'Menu' }).click();
  await open(page, 'Cameras');
  assert.deepEqual(wrong, []);
  await leave({ page, context });
});

const payload = `"><img src=x onerror="alert(1)"><script>alert(2)</script>{{7*7}}'`;

test('what people type stays text: markup in names, reasons and notes runs nowhere [II.D]', async () => {
  const { page, context, wrong } = await visitor(browser, program.address);
  await enter(page, program.address, 'chief');
  await open(page, 'People');
  await page.getByRole('button', { name: 'New login' }).click();
  const made = page.getByRole('dialog');
  await made.getByLabel('Login', { exact: true }).fill('mallory');
  await made.getByLabel('Name').fill(payload);
  await made.getByRole('button', { name: 'New login' }).click();
  await page.getByRole('button', { name: 'I have handed it over' }).click();
  await page.getByText(payload).first().waitFor();
  await open(page, 'Audit');
  await page.getByText('user.create').first().waitFor();
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();

  const asked = await visitor(browser, program.address);
  await enter(asked.page, program.address, 'operator');
  await open(asked.page, 'Hot lists');
  await asked.page.getByRole('button', { name: 'Ask for an entry' }).click();
  const dialog = asked.page.getByRole('dialog');
  await dialog.getByLabel('Plate (optional)').fill('XSS123');
  await dialog.getByLabel('State (optional)').fill('ma');
  await dialog.getByLabel('Case or incident number').fill('26-1');
  await dialog.getByLabel('Make (optional)').fill('<b>toyota</b>');
  await dialog.getByLabel('Why', { exact: true }).fill(payload);
  await dialog.getByRole('button', { name: 'Ask for an entry' }).click();
  await asked.page.getByText('Requests that wait for a supervisor').waitFor();
  assert.equal(await asked.page.locator('main b').count(), 0);
  assert.deepEqual(asked.wrong, []);
  await asked.context.close();
});
