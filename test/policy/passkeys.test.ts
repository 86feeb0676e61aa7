import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { openLedger } from '../../src/ledger/open.js';
import { ManualClock } from '../../src/observe/clock.js';
import { Accounts } from '../../src/policy/accounts/accounts.js';
import { Credentials } from '../../src/policy/accounts/credentials.js';
import { totpCode } from '../../src/policy/accounts/totp.js';
import { openGovernance } from '../../src/policy/governance.js';
import { optionsIn, removeFolder, temporaryFolder } from '../ledger/support.js';
import { softwareAuthenticator } from '../support/authenticator.js';
import { suite } from '../support/suite.js';
import { must, shippedPolicy, startMs } from './world.js';

const { test } = suite('passkeys');
const site = { rpId: 'alpr.example', origin: 'https://alpr.example' };
const password = 'green bicycles sing loudly';

test('a passkey is added after a second factor, logs in on its own site only, and each challenge is good once [IV.C.2.a] [II.D]', async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock(startMs);
  const ledger = must(await openLedger(optionsIn(join(dir, 'l'), { clock })));
  const governance = must(openGovernance({ ledger, policy: shippedPolicy, clock }));
  const accounts = new Accounts({ governance, credentials: new Credentials(join(dir, 'c.json')), clock });
  const { totpSecret } = must(
    await accounts.enrolments.bootstrap(accounts.enrolments.firstToken() as string, {
      userId: 'anna',
      name: 'Anna',
      password,
    }),
  );
  const base = { userId: 'anna', password, address: null, replace: true };
  const code = totpCode(totpSecret, clock.nowMs());
  const { token } = must(await accounts.login({ ...base, factor: { kind: 'totp', code } }));

  const key = softwareAuthenticator(site);
  const made = key.create(must(await accounts.newPasskeyOptions(token, site)).challenge);
  must(await accounts.addPasskey(token, site, made));
  assert.equal((await accounts.addPasskey(token, site, made)).ok, false, 'a used challenge');

  const passkey = (response: ReturnType<typeof key.get>) => ({
    ...base,
    factor: { kind: 'passkey' as const, site, response },
  });
  const answer = key.get((await accounts.passkeyOptions('anna', site)).challenge);
  must(await accounts.login(passkey(answer)));
  assert.equal((await accounts.login(passkey(answer))).ok, false, 'replayed');
  const { challenge } = await accounts.passkeyOptions('anna', site);
  assert.equal((await accounts.login(passkey(softwareAuthenticator(site).get(challenge)))).ok, false, 'another key');
  await accounts.passkeyOptions('anna', site);
  assert.equal((await accounts.login(passkey(key.get('bm90IHRoZSBjaGFsbGVuZ2U')))).ok, false, 'another challenge');
  await ledger.close();
  removeFolder(dir);
});

test('a passkey that answers for another site is refused [IV.C.2.a]', async () => {
  const { registered } = await import('../../src/policy/accounts/passkeys.js');
  const made = softwareAuthenticator({ ...site, origin: 'https://alpr.example.evil' }).create('Y2hhbGxlbmdl');
  assert.equal(await registered(site, 'Y2hhbGxlbmdl', made), null);
});
