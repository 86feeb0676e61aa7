import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { packagePath } from '../../src/package_root.js';
import { assertAccessible, testBrowser, visitor, type Watched } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { codeOf, fill, give } from './forms.js';
import { enter, open, type Program, startProgram } from './program.js';

const { test, before, after } = suite('what follows a search, in the console', missing('chromium'));
let browser: Browser;
let program: Program;
let operator: Watched;
let plate = '';
const folder = mkdtempSync(join(tmpdir(), 'platestream-policy-'));

/** Two cameras see the same cars at the same time: every car travels along with its neighbours. */
before(async () => {
  const config = { policy: { file: shortLivedFactor() } };
  [browser, program] = await Promise.all([testBrowser(), startProgram({ clips: ['demo-day', 'demo-day'], config })]);
  operator = await visitor(browser, program.address);
  const { page } = operator;
  await enter(page, program.address, 'operator');
  const cameras = new Set<string>();
  const alert = await until(
    'a car at both cameras',
    () =>
      program.control.alerts.after(0, 100).find(({ match }) => {
        if (match.kind === 'exact' && match.read.plate === match.entry.plate)
          cameras.add(`${match.read.plate} ${match.read.cameraId}`);
        return ['street-1', 'street-2'].every((camera) => cameras.has(`${match.read.plate} ${camera}`));
      }),
    120_000,
  );
  plate = alert.match.read.plate;
  await open(page, 'Search');
  await giveReason(page, '26-1001');
});
after(async () => {
  await browser.close();
  await program.stop();
  rmSync(folder, { recursive: true });
});

/** The shipped policy, but that the second factor is good for one minute only. */
function shortLivedFactor(): string {
  const shipped = readFileSync(packagePath('policies', '41-12.yaml'), 'utf8');
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, shipped.replace(/stepUpMinutes: \d+/, 'stepUpMinutes: 1'));
  return file;
}

async function giveReason(page: Page, caseNo: string): Promise<void> {
  await fill(page, {
    Basis: 'Criminal investigation',
    'Case or incident number': caseNo,
    Facts: 'Blue sedan left the scene of a robbery on Elm Street, plate given by a witness',
  });
  await page.getByRole('button', { name: 'Go on to the search' }).click();
}

/** Asks until the store has it: a pass is stored when its vehicle has gone. */
async function searchFor(page: Page, wanted: string): Promise<void> {
  await page.getByLabel('Plate or plates (optional)').fill(wanted);
  const reads = page.getByRole('region', { name: 'Reads' });
  await until(
    'reads in the store',
    async () => {
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await reads.or(page.getByText('Nothing was found')).first().waitFor();
      if (await reads.isVisible()) return true;
      await page.waitForTimeout(2_000);
      return false;
    },
    90_000,
  );
}

test('a question is saved, asked again with the reason of now, and forgotten [IV.A.5]', async () => {
  const { page } = operator;
  await searchFor(page, plate);
  await give(page, 'Save this search', { Name: 'the blue sedan' });
  const saved = page.getByRole('region', { name: 'My saved searches' }).last();
  await saved.getByText('the blue sedan').waitFor();
  await saved.getByRole('button', { name: 'Search again' }).click();
  await page.getByRole('region', { name: 'Reads' }).waitFor();
  await give(page, 'Forget', {}, 'Forget "the blue sedan"');
  await page.getByText('the blue sedan').waitFor({ state: 'detached' });
});

test('what is found is exported for its case, after the second factor, and the file says what the screen did [IV.F.2, IV.C.2.a]', async () => {
  const { page } = operator;
  const ask = page.getByRole('button', { name: 'CSV', exact: true });
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  const said = page.getByText(/^\d+ rows, ledger no\. \d+$/);
  await until(
    'the second factor is asked for: the one of the sign-in has become too old',
    async () => {
      await ask.click();
      await dialog.or(said).first().waitFor();
      if (await dialog.isVisible()) return true;
      await page.waitForTimeout(5_000);
      return false;
    },
    100_000,
  );
  await page.keyboard.press('Escape');
  await page.getByText('MFA_REQUIRED').waitFor();
  const download = page.waitForEvent('download');
  await ask.click();
  await dialog.getByLabel('Authenticator code').fill(await codeOf(page, 'operator'));
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  const file = await (await download).path();
  const text = readFileSync(file, 'utf8');
  assert.ok(text.includes(plate));
  const words = (await said.textContent()) ?? '';
  const [rows, sequence] = (words.match(/\d+/g) ?? []).map(Number);
  assert.equal(
    text
      .trim()
      .split('\n')
      .filter((line) => line.includes(plate)).length,
    rows,
  );
  let action = '';
  program.control.governed.ledger.replay(sequence ?? 0, (record) => {
    action = `${record.actor_id} ${(record.request as { asked?: string } | undefined)?.asked}`;
    return false;
  });
  assert.equal(action, 'operator reads.export');
});

test('reads are preserved for a case, where a supervisor finds them [IV.F.2]', async () => {
  const { page } = operator;
  await page.getByRole('button', { name: /^Preserve these \d+ for a case$/ }).click();
  const dialog = page.getByRole('dialog');
  await fill(dialog, { Why: 'Evidence of the getaway' });
  await dialog.getByRole('button', { name: 'Preserve for a case' }).click();
  await page.getByText(/^\d+ preserved, ledger no\. \d+$/).waitFor();
  assert.ok(program.control.governed.governance.state().holds.has('26-1001'));
});

test('who travelled along: asked from a row, for the same case [IV.A.5]', async () => {
  const { page } = operator;
  await page.getByRole('button', { name: 'Travelled along' }).first().click();
  const along = page.getByRole('region', { name: 'Travelled along' });
  await along.or(page.getByText('Nothing was found')).first().waitFor();
  await until(
    'company in the store',
    async () => {
      if (await along.isVisible()) return true;
      await page.waitForTimeout(3_000);
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await along.or(page.getByText('Nothing was found')).first().waitFor();
      return along.isVisible();
    },
    90_000,
  );
  await along.getByRole('row').nth(1).waitFor();
  await assertAccessible(page, 'travelled along');
});

test('a search is kept to the surroundings of a place; what is no place is refused', async () => {
  const { page } = operator;
  const around = page.getByLabel('Around a place (optional)');
  const along = page.getByRole('region', { name: 'Travelled along' });
  await around.fill('0.5, 0.5, 300');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByText('Nothing was found').first().waitFor();
  assert.equal(await along.isVisible(), false);
  await around.fill('Elm Street');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByText(/area/).first().waitFor();
  await around.fill('');
});

test('a wide question waits for a supervisor, who agrees to exactly it [IV.A.5]', async () => {
  const { page } = operator;
  await page.getByLabel('Reads', { exact: true }).check();
  await page.getByLabel('Plate or plates (optional)').fill(`${plate.slice(0, 3)}*`);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByText('A supervisor has to agree first').waitFor();
  const supervisor = await visitor(browser, program.address);
  await enter(supervisor.page, program.address, 'supervisor');
  await open(supervisor.page, 'Search');
  await supervisor.page.getByRole('button', { name: 'Agree', exact: true }).first().click();
  const dialog = supervisor.page.getByRole('dialog');
  await fill(dialog, { 'Why you agree': 'The witness saw three characters' });
  await dialog.getByRole('button', { name: /^Agree to search no\. \d+$/ }).click();
  await supervisor.page.getByText(/^agreed until/).waitFor();
  await open(supervisor.page, 'Cases');
  await supervisor.page.getByText('26-1001').first().waitFor();
  await page.getByRole('button', { name: 'It was agreed to: search now' }).click();
  await page.getByRole('region', { name: 'Reads' }).waitFor();
  for (const { wrong } of [operator, supervisor]) assert.deepEqual(wrong, []);
});
