import { strict as assert } from 'node:assert';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { testBrowser, visitor } from '../support/browser.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { enter, leave, type Program, startProgram } from './program.js';

const { test, before, after } = suite('a passkey in a browser', missing('chromium'));
let browser: Browser;
let program: Program;
let address = '';

before(async () => {
  [browser, program] = await Promise.all([testBrowser(), startProgram()]);
  // A passkey belongs to a name; numbers have none.
  address = program.address.replace('127.0.0.1', 'localhost');
});
after(async () => {
  await browser.close();
  await program.stop();
});

interface Authenticator {
  readonly cdp: CDPSession;
  readonly authenticatorId: string;
}

/** A key in this device, opened by PIN or finger: Chromium's own virtual authenticator. */
async function plugIn(page: Page): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, authenticatorId };
}

async function passwordOf(userId: string): Promise<string> {
  const banner = (await (await fetch(`${program.address}/api/banner`)).json()) as {
    demo: { userId: string; password: string }[];
  };
  return banner.demo.find((one) => one.userId === userId)?.password ?? '';
}

async function signInByPasskey(page: Page, userId: string): Promise<void> {
  await page.getByRole('heading', { name: 'Sign in to platestream' }).waitFor();
  await page.getByLabel('Login', { exact: true }).fill(userId);
  await page.getByLabel('Password', { exact: true }).fill(await passwordOf(userId));
  await page.getByRole('button', { name: 'Use a passkey instead of a code' }).click();
}

const inside = (page: Page) => page.getByRole('button', { name: 'Sign out' });

test('registered on one’s own page, it signs in without a code; a copy of it does not [IV.C.2.a] [IV.C.5]', async () => {
  const { context, page, wrong } = await visitor(browser, address);
  const { cdp, authenticatorId } = await plugIn(page);
  await enter(page, address, 'operator');
  await page.goto(`${address}/#/account`);
  await page.getByRole('button', { name: 'Register a passkey on this device' }).click();
  await page.getByText('The passkey is registered', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();

  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
  const [copied] = credentials;
  assert.ok(copied && copied.rpId === 'localhost');
  await signInByPasskey(page, 'operator');
  await inside(page).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();

  // The key as it was before that sign-in, as somebody who copied it would have it.
  await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: copied.credentialId });
  await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...copied, signCount: 0 } });
  await signInByPasskey(page, 'operator');
  await page.getByText('do not fit together', { exact: false }).waitFor();
  assert.equal(await inside(page).count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a key that does not know the person, and an address without a name, say so [IV.C.2.a]', async () => {
  const watched = await visitor(browser, address);
  await plugIn(watched.page);
  await watched.page.goto(`${address}/`);
  await signInByPasskey(watched.page, 'supervisor');
  await watched.page.getByText('No passkey was given', { exact: false }).waitFor();
  await watched.context.close();

  const byNumber = await visitor(browser, program.address);
  await plugIn(byNumber.page);
  await enter(byNumber.page, program.address, 'supervisor');
  await byNumber.page.goto(`${program.address}/#/account`);
  await byNumber.page.getByRole('button', { name: 'Register a passkey on this device' }).click();
  await byNumber.page.getByText('a passkey belongs to a name', { exact: false }).waitFor();
  await leave(byNumber);
});
