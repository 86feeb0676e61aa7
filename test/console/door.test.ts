import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { packagePath } from '../../src/package_root.js';
import { assertAccessible, testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';

const { test, before, after } = suite('the console without a program behind it', missing('chromium'));
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
let browser: Browser;
let server: Server;
let address = '';

before(async () => {
  browser = await testBrowser();
  server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '');
    if (path.startsWith('/api/')) return void response.destroy();
    response.setHeader('content-type', types[extname(path)] ?? 'text/plain');
    response.end(readFileSync(join(packagePath('dist', 'console'), path)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  await browser.close();
  server.close();
});

test('says that the server does not answer, in words, accessibly', async () => {
  const { context, page, wrong } = await visitor(browser, address);
  await page.goto(`${address}/`);
  await page.getByRole('heading', { name: 'Sign in to platestream' }).waitFor();
  assert.match((await page.getByRole('alert').textContent()) ?? '', /server does not answer/);
  await assertAccessible(page, 'sign-in');
  assert.deepEqual(wrong, []);
  await context.close();
});
