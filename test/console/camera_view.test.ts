import { strict as assert } from 'node:assert';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { assertAccessible, testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { enter, leave, open, type Program, startProgram } from './program.js';

const { test, before, after } = suite('the live view of a camera', missing('chromium'));
let browser: Browser;
let program: Program;
const zone = [
  [0.1, 0.3],
  [0.9, 0.3],
  [0.9, 0.95],
  [0.1, 0.95],
];

before(async () => {
  [browser, program] = await Promise.all([
    testBrowser(),
    startProgram({ clips: ['demo-day'], camera: { zones: [zone] } }),
  ]);
});
after(async () => {
  await browser.close();
  await program.stop();
});

/** Records of somebody having looked through a camera. */
function looks(): string[] {
  const found: string[] = [];
  program.control.governed.ledger.replay(1, (record) => {
    if (record.action === 'camera.view') found.push(`${record.actor_id} ${record.object_id}`);
    return true;
  });
  return found;
}

test('a technician sees what the camera sees, small and never kept, with zones, plate widths and tilt over it; the look is on record [IV.B.2.a(3)]', async () => {
  const { page, context, wrong } = await visitor(browser, program.address);
  await enter(page, program.address, 'technician');
  await open(page, 'Cameras');
  await page.getByRole('link', { name: 'Look', exact: true }).click();
  const picture = page.locator('.live-picture img');
  await picture.waitFor();
  const seen = new Set<string>();
  await until('three different pictures', async () => {
    seen.add((await picture.getAttribute('src').catch(() => null)) ?? '');
    return seen.size >= 3;
  });
  assert.deepEqual(looks(), ['technician street-1'], 'one record, however many pictures');
  const shown = await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth);
  assert.ok(shown > 0 && shown <= 960, `${shown} px`);
  await page.locator('.overlay-zone').waitFor();
  await page.getByText(/px in the middle/).waitFor();
  await page.locator('.overlay-text').filter({ hasText: / px/ }).first().waitFor();
  assert.doesNotMatch((await page.textContent('main')) ?? '', /[A-Z0-9]{6,}/, 'no text of a plate');
  await assertAccessible(page, 'the live view');

  // The page asks as often as one session is answered, so this question may come too soon.
  const response = await until('a picture of one’s own', async () => {
    const answer = await page.request.get(`${program.address}/api/cameras/street-1/picture`);
    assert.ok(answer.ok() || answer.status() === 429, `${answer.status()}`);
    return answer.ok() ? answer : null;
  });
  assert.equal(response.headers()['cache-control'], 'no-store');
  const { width, format } = await sharp(await response.body()).metadata();
  assert.equal(format, 'jpeg');
  assert.ok(width <= 960);
  assert.deepEqual(wrong, []);

  const { governance } = program.control.governed;
  const technician = { kind: 'person', userId: 'technician', sessionHash: 'e'.repeat(64), mfa: true } as const;
  const nowMs = governance.nowMs();
  const done = await governance.execute(
    { action: 'camera.take_out', input: { cameraId: 'street-1', why: 'dirty' } },
    { ...technician, address: null, expiresAtMs: nowMs + 60_000, steppedUpAtMs: nowMs },
  );
  assert.ok(done.ok);
  await page.getByText('CAMERA_OUT_OF_SERVICE').waitFor();
  assert.equal(await picture.count(), 0, 'no picture is left on the page');
  await leave({ page, context });
});

test('nobody else sees through a camera: no button, no route [IV.B.2.a(3)]', async () => {
  for (const person of ['operator', 'chief']) {
    const { page, context } = await visitor(browser, program.address);
    await enter(page, program.address, person);
    await open(page, 'Cameras');
    await page.getByRole('cell', { name: 'street-1' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Look', exact: true }).count(), 0);
    for (const path of ['picture', 'alignment']) {
      const answer = await page.request.get(`${program.address}/api/cameras/street-1/${path}`);
      assert.equal(answer.status(), 403);
      assert.equal(((await answer.json()) as { code: string }).code, 'ROLE_REQUIRED');
    }
    await leave({ page, context });
  }
});
