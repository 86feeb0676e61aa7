import { strict as assert } from 'node:assert';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { browserPath } from './missing.js';

/** Debian's Chromium. Close it in `after`. */
export async function testBrowser(): Promise<Browser> {
  assert.ok(browserPath, 'the suite is to be skipped where Chromium is missing');
  // Without a sandbox: tests run as root in a container.
  const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'];
  return chromium.launch({ executablePath: browserPath, args });
}

/** What a page did that the console must never do; empty at the end of a good test. */
export interface Watched {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Requests to any other address than the program's, refused content, and errors of scripts. */
  readonly wrong: string[];
}

/** A fresh visitor at `address`, watched: every request goes to that address, no script fails, nothing is refused by the page's policy. */
export async function visitor(browser: Browser, address: string, options: VisitorOptions = {}): Promise<Watched> {
  const { width = 1280, height = 900, colorScheme = 'light' } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
  // On a busy machine a screen takes its time; what never comes is found all the same.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${address}/`) && !url.startsWith(`blob:${address}/`)) wrong.push(`request to ${url}`);
  });
  page.on('pageerror', (error) => wrong.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) wrong.push(`policy: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { context, page, wrong };
}

export interface VisitorOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

interface AxeResult {
  readonly violations: readonly {
    id: string;
    impact: string | null;
    help: string;
    nodes: readonly { html: string }[];
  }[];
}

/** WCAG 2.2 AA by axe-core: no serious or critical finding on what the page shows now. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  // Into the page's world directly: a script element is refused by the console's policy, as it should be.
  await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const result = (await page.evaluate(
    `axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(tags)} } })`,
  )) as AxeResult;
  const grave = result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html}`);
  assert.deepEqual(grave, [], what);
}
