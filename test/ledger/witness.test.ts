import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startWitness } from '../../src/governed/witness.js';
import { openLedger } from '../../src/ledger/open.js';
import { newSigningKey } from '../../src/ledger/signing_key.js';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { systemClock } from '../../src/observe/clock.js';
import { silentLog } from '../../src/observe/log.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { removeFolder, temporaryFolder } from './support.js';

const { test, after } = suite('independent witness');
const dir = temporaryFolder();
after(() => removeFolder(dir));

test('checkpoints reach a file and an address elsewhere; a deaf witness holds nothing up; what arrived proves the ledger [IV.C.6.b]', async () => {
  const posted: string[] = [];
  let deaf = true;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      if (!deaf) posted.push(body);
      response.writeHead(deaf ? 500 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const witnessUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keep`;
  const witnessFile = join(dir, 'elsewhere.jsonl');
  const witness = startWitness({ witnessFile, witnessUrl }, silentLog);
  const ledgerDir = join(dir, 'ledger');
  const opened = await openLedger({
    dir: ledgerDir,
    clock: systemClock,
    policySha256: '0'.repeat(64),
    signingKey: newSigningKey(),
    lastSignedFile: join(dir, 'last-signed'),
    witness: (line) => witness.tell(line),
  });
  assert.ok(opened.ok);
  const note = { action: 'test.note', actor_id: 'a', actor_name: 'A', roles: [], decision: 'allow' as const };
  await opened.value.append(note);
  await opened.value.checkpoint();
  await until('the file', () => existsSync(witnessFile));
  deaf = false;
  await opened.value.append(note);
  await opened.value.checkpoint();
  await until('the address', () => posted.length > 0);
  await opened.value.close();
  await witness.close();
  await new Promise((resolve) => server.close(resolve));
  const kept = readFileSync(witnessFile, 'utf8').trimEnd().split('\n');
  for (const line of [kept.at(-1), posted.at(-1)]) assert.ok(verifyLedger(ledgerDir, { witness: line as string }).ok);
});
