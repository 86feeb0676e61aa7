import { strict as assert } from 'node:assert';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { alertsDrawn, enter, live, match, open, type Program, startProgram } from './program.js';

const { test, before, after } = suite('the console and other pages', missing('chromium'));
let browser: Browser;
let program: Program;
let elsewhere: Server;
let foreign = '';

/** A page of somebody else that tries, with the visitor's own browser, to freeze an operator. */
const evilPage = (address: string) => `<!doctype html><title>cats</title>
<form id="f" method="post" enctype="text/plain" action="${address}/api/actions/user.freeze">
<input name='{"userId":"operator","why":"' value='x"}'></form>
<script>
window.results = [];
const body = JSON.stringify({ userId: 'operator', why: 'x' });
for (const headers of [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/json', 'x-platestream': '1' }])
  fetch('${address}/api/actions/user.freeze', { method: 'POST', credentials: 'include', headers, body })
    .then((r) => window.results.push(String(r.status)), () => window.results.push('refused'));
</script>
<iframe src="${address}/"></iframe>`;

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram()]);
  elsewhere = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(evilPage(program.address));
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  foreign = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
});
after(async () => {
  await browser.close();
  await program.stop();
  elsewhere.close();
});

test('a page from elsewhere changes nothing with the visitor’s own session, reads nothing, and frames nothing [IV.C.2.a]', async () => {
  const { page, context } = await visitor(browser, program.address);
  await enter(page, program.address, 'chief');
  const [cookie] = await context.cookies();
  assert.match(cookie?.name ?? '', /^__Host-/);
  assert.deepEqual([cookie?.httpOnly, cookie?.secure, cookie?.sameSite, cookie?.path], [true, true, 'Strict', '/']);

  const evil = await context.newPage();
  await evil.goto(foreign);
  const results = await until('all three attempts', async () => {
    const done = (await evil.evaluate('window.results')) as string[];
    return done.length === 3 ? done : null;
  });
  assert.deepEqual(results, ['refused', 'refused', 'refused'], 'nothing of an answer is readable');
  await evil.locator('#f').evaluate((form) => (form as HTMLFormElement).submit());
  await evil.waitForLoadState();
  assert.match((await evil.textContent('body')) ?? '', /CROSS_SITE/);
  await evil.goto(foreign);
  const framed = evil.frames().find((frame) => frame.url().startsWith(program.address));
  assert.equal(await (framed?.locator('#app').count() ?? 0), 0, 'the console shows itself in no frame');
  assert.equal(program.control.governed.governance.state().users.get('operator')?.frozen, false);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await context.close();
});

test('what the program answers is kept by no browser; only its own files are, by the hash in their name [IV.B.1.a(3)]', async () => {
  const { page, context, wrong } = await visitor(browser, program.address);
  const answers: { path: string; cache: string }[] = [];
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    answers.push({ path, cache: response.headers()['cache-control'] ?? '' });
  });
  await enter(page, program.address, 'supervisor');
  await live(page);
  await program.control.alerts.raise(match(1));
  await until('the alert', async () => (await alertsDrawn(page)).length === 1);
  for (const screen of ['Search', 'Hot lists', 'Cameras', 'Cases', 'Policy', 'My account']) await open(page, screen);
  const api = answers.filter(({ path }) => path.startsWith('/api/'));
  assert.ok(api.length > 10);
  for (const { path, cache } of api) assert.equal(cache, 'no-store', path);
  for (const { path, cache } of answers.filter((one) => one.path.startsWith('/assets/')))
    assert.match(cache, /immutable/, path);
  assert.equal(await page.evaluate('caches.keys().then((k) => k.length)'), 0);
  const kept = (await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')) as string;
  assert.deepEqual(Object.keys(JSON.parse(kept)), ['theme'], 'only the look outlives the page');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('the first screen answers to a key soon after it is asked for, from one script and one style', async () => {
  const { page, context } = await visitor(browser, program.address);
  const files: string[] = [];
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    if (path.startsWith('/assets/')) files.push(path);
  });
  const startedAt = performance.now();
  await page.goto(program.address);
  await page.getByLabel('Login', { exact: true }).fill('operator');
  const ms = performance.now() - startedAt;
  process.stdout.write(`interactive after ${ms.toFixed(0)} ms\n`);
  assert.equal(files.filter((path) => path.endsWith('.js')).length, 1, files.join(' '));
  assert.equal(files.filter((path) => path.endsWith('.css')).length, 1, files.join(' '));
  const moving = await page.evaluate(() => document.getAnimations().length);
  assert.equal(moving, 0, 'nothing moves by itself');
  await context.close();
});
