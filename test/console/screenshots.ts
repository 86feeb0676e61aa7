import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { testBrowser, type VisitorOptions, visitor } from '../support/browser.js';
import { until } from '../support/until.js';
import { alertsDrawn, enter, live, open, startProgram } from './program.js';

/** `node dist/test/console/screenshots.js FOLDER`: the pictures of the documentation, from rendered scenes and the real program. */
const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: screenshots.js FOLDER');
mkdirSync(folder, { recursive: true });

const [browser, program] = await Promise.all([
  testBrowser(),
  startProgram({ clips: ['demo-day', 'demo-night', 'demo-rain'] }),
]);

/** A palette instead of full colour: small enough for a repository. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(500);
  const picture = await page.screenshot();
  await sharp(picture)
    .png({ palette: true, quality: 80, effort: 10 })
    .toFile(join(folder as string, `${name}.png`));
}

/** Another person each time: a sign-in code is good once. */
async function as(userId: string, options: VisitorOptions, work: (page: Page) => Promise<void>): Promise<void> {
  const { page, context } = await visitor(browser, program.address, options);
  await enter(page, program.address, userId);
  await work(page);
  await context.close();
}

/** The sharpest picture the demo has: by day, close. */
async function openAlert(page: Page): Promise<void> {
  await live(page);
  await until('some alerts', async () => (await alertsDrawn(page)).length >= 5, 90_000);
  await page.locator('.alert-row').filter({ hasText: 'Stolen plate' }).first().click();
  await page.locator('.plate-picture img').waitFor();
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
}

const { page, context } = await visitor(browser, program.address);
await page.goto(program.address);
await page.locator('.demo-login').first().waitFor();
await shoot(page, 'sign-in');
await context.close();

await as('operator', { width: 1280, height: 800 }, async (page_) => {
  await openAlert(page_);
  await shoot(page_, 'alert');
});
await as('supervisor', { width: 2560, height: 1440, colorScheme: 'dark' }, async (page_) => {
  await openAlert(page_);
  await shoot(page_, 'alert-wall-dark');
});
await as('analyst', { width: 390, height: 844 }, async (page_) => {
  await openAlert(page_);
  await shoot(page_, 'alert-phone');
});
await as('supervisor2', { width: 1280, height: 800 }, async (page_) => {
  await open(page_, 'Search');
  await page_.getByLabel('Basis').selectOption('criminal_investigation');
  await page_.getByLabel('Case or incident number').fill('26-1001');
  await page_
    .getByLabel('Facts')
    .fill('Blue sedan left the scene of a robbery on Elm Street at 14:05, seen by a witness');
  await shoot(page_, 'search-reason');
  await page_.getByRole('button', { name: 'Go on to the search' }).click();
  await page_.getByLabel('Plate or plates (optional)').fill('6BF391');
  await page_.getByRole('button', { name: 'Search', exact: true }).click();
  await page_
    .getByText(/ledger no/)
    .first()
    .waitFor();
  await page_
    .getByText(/ledger no/)
    .first()
    .evaluate((element) => element.closest('section')?.scrollIntoView());
  await page_.waitForTimeout(1500);
  await shoot(page_, 'search-results');
});
await as('chief', { width: 1280, height: 800 }, async (page_) => {
  for (const [screen, name] of [
    ['Cameras', 'cameras'],
    ['Audit', 'audit'],
    ['Policy', 'policy'],
    ['Health', 'health'],
    ['People', 'people'],
  ] as const) {
    await open(page_, screen);
    await page_.locator('table tbody tr, .figure').first().waitFor();
    await shoot(page_, name);
  }
});
await as('technician', { width: 1280, height: 800 }, async (page_) => {
  await open(page_, 'Cameras');
  await page_.getByRole('link', { name: 'Look', exact: true }).first().click();
  await page_.locator('.live-picture img').waitFor();
  await page_.getByText(/px in the middle/).waitFor();
  await shoot(page_, 'camera-view');
});
await browser.close();
await program.stop();
