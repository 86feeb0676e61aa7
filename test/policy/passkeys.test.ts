import { strict as assert } from 'node:assert';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { join } from 'node:path';
import { openLedger } from '../../src/ledger/open.js';
import { newSigningKey } from '../../src/ledger/signing_key.js';
import { ManualClock } from '../../src/observe/clock.js';
import { Accounts } from '../../src/policy/accounts/accounts.js';
import { Credentials } from '../../src/policy/accounts/credentials.js';
import { totpCode } from '../../src/policy/accounts/totp.js';
import { openGovernance } from '../../src/policy/governance.js';
import { removeFolder, temporaryFolder } from '../ledger/support.js';
import { suite } from '../support/suite.js';
import { must, shippedPolicy, startMs } from './world.js';

const { test } = suite('passkeys');
const site = { rpId: 'alpr.example', origin: 'https://alpr.example' };
const password = 'green bicycles sing loudly';

/** An authenticator in software (ES256, no attestation), as the WebAuthn specification describes one. */
function authenticator(origin = site.origin) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
  const id = randomBytes(16);
  const sha = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();
  let counter = 0;
  const head = (flags: number) => {
    const bytes = Buffer.alloc(37);
    sha(site.rpId).copy(bytes);
    bytes[32] = flags;
    counter += 1;
    bytes.writeUInt32BE(counter, 33);
    return bytes;
  };
  const client = (type: string, challenge: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const wrap = {
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key' as const,
    clientExtensionResults: {},
  };
  return {
    create(challenge: string) {
      const cose = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(x, 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(y, 'base64url'),
      ]);
      const authData = Buffer.concat([head(0x45), Buffer.alloc(16), Buffer.from([0, 16]), id, cose]);
      const start = Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex');
      const attestationObject = Buffer.concat([start, Buffer.of(authData.length), authData]).toString('base64url');
      const clientDataJSON = client('webauthn.create', challenge).toString('base64url');
      return { ...wrap, response: { attestationObject, clientDataJSON } };
    },
    get(challenge: string) {
      const [authenticatorData, clientData] = [head(0x05), client('webauthn.get', challenge)];
      const signature = sign('sha256', Buffer.concat([authenticatorData, sha(clientData)]), privateKey);
      const response = {
        authenticatorData: authenticatorData.toString('base64url'),
        clientDataJSON: clientData.toString('base64url'),
        signature: signature.toString('base64url'),
      };
      return { ...wrap, response };
    },
  };
}

test('a passkey is added after a second factor, logs in on its own site only, and each challenge is good once [IV.C.2.a] [II.D]', async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock(startMs);
  const ledger = must(
    await openLedger({ dir: join(dir, 'l'), clock, policySha256: 'a'.repeat(64), signingKey: newSigningKey() }),
  );
  const governance = must(openGovernance({ ledger, policy: shippedPolicy, clock }));
  const accounts = new Accounts({ governance, credentials: new Credentials(join(dir, 'c.json')), clock });
  const { totpSecret } = must(
    await accounts.bootstrap(accounts.firstToken() as string, { userId: 'anna', name: 'Anna', password }),
  );
  const base = { userId: 'anna', password, address: null, replace: true };
  const code = totpCode(totpSecret, clock.nowMs());
  const { token } = must(await accounts.login({ ...base, factor: { kind: 'totp', code } }));

  const key = authenticator();
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
  assert.equal((await accounts.login(passkey(authenticator().get(challenge)))).ok, false, 'another key');
  await accounts.passkeyOptions('anna', site);
  assert.equal((await accounts.login(passkey(key.get('bm90IHRoZSBjaGFsbGVuZ2U')))).ok, false, 'another challenge');
  await ledger.close();
  removeFolder(dir);
});

test('a passkey that answers for another site is refused [IV.C.2.a]', async () => {
  const { registered } = await import('../../src/policy/accounts/passkeys.js');
  const made = authenticator('https://alpr.example.evil').create('Y2hhbGxlbmdl');
  assert.equal(await registered(site, 'Y2hhbGxlbmdl', made), null);
});
