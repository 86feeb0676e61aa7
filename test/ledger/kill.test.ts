import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { openLedger } from '../../src/ledger/open.js';
import type { LedgerRecord } from '../../src/ledger/record.js';
import { loadSigningKey } from '../../src/ledger/signing_key.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { packagePath } from '../../src/package_root.js';
import { suite } from '../support/suite.js';
import { must, optionsIn, removeFolder, temporaryFolder } from './support.js';

/** T11: `PLATESTREAM_LONG=1` kills 10,000 times. */
const kills = process.env['PLATESTREAM_LONG'] === '1' ? 10_000 : 200;
const { test } = suite('kill -9 around the ledger (T11)');

/** Lets the child run until it has said `after` lines more than `open`, kills it, and returns all whole lines it said. */
function runAndKill(dir: string, keyFile: string, after: number, delayMs: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [packagePath('dist', 'test', 'ledger', 'kill_child.js'), dir, keyFile]);
    let said = '';
    let complaint = '';
    let killing = false;
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (killing || said.split('\n').length <= after + 1) return;
      killing = true;
      setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.once('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(said.split('\n').slice(0, -1));
      else reject(new Error(`the child ended by itself: ${complaint}`));
    });
  });
}

function checkAcknowledged(said: readonly string[], records: ReadonlyMap<number, LedgerRecord>): void {
  for (const line of said) {
    const [word, intentSeq, outcomeSeq] = line.split(' ');
    if (word === 'open') continue;
    assert.equal(records.get(Number(intentSeq))?.action, 'access.intent', line);
    if (word === 'outcome') assert.equal(records.get(Number(outcomeSeq))?.ref, Number(intentSeq), line);
  }
}

test(
  `after ${kills} kills every acknowledged record is durable and every unanswered intent is ABANDONED [IV.C.6.a] [III.G]`,
  async () => {
    const root = temporaryFolder();
    const [dir, keyFile] = [join(root, 'ledger'), join(root, 'key.pem')];
    const said: string[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      said.push(...(await runAndKill(dir, keyFile, (kill * 7) % 40, (kill % 5) * 0.7)));
      if (kill % 50 === 49) assert.equal(verifyLedger(dir).firstBad?.problem ?? 'cut_off', 'cut_off');
    }
    const ledger = must(await openLedger(optionsIn(dir, { signingKey: loadSigningKey(keyFile) })));
    const records = new Map<number, LedgerRecord>();
    ledger.replay(1, (record) => {
      records.set(record.seq, record);
      return true;
    });
    await ledger.close();
    checkAcknowledged(said, records);
    const completed = [...records.values()].map((record) => record.ref).filter((ref) => ref !== undefined);
    const intents = [...records.values()].filter((record) => record.action === 'access.intent').map((r) => r.seq);
    assert.deepEqual(
      [...completed].sort((a, b) => a - b),
      intents,
      'each intent is completed exactly once',
    );
    assert.ok([...records.values()].filter((record) => record.action === 'access.abandoned').length > 10);
    assert.deepEqual(verifyLedger(dir).firstBad, null);
    removeFolder(root);
  },
  { timeoutMs: kills * 2000 },
);
