import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { openLedger } from '../../src/ledger/open.js';
import type { LedgerRecord } from '../../src/ledger/record.js';
import { loadSigningKey } from '../../src/ledger/signing_key.js';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { packagePath } from '../../src/package_root.js';
import { suite } from '../support/suite.js';
import { must, optionsIn, removeFolder, temporaryFolder } from './support.js';

/**
 * T11. `npm run test:long ledger/kill`: one process writes 50 ledgers at once and is killed 200 times, so 10,000 times a ledger is cut off
 * in the middle, each at a point of its own. Otherwise 200 times a process with one. Ledgers begin anew after a hundred kills,
 * because each start reads all of them.
 */
const long = process.env['PLATESTREAM_LONG'] === '1';
const [kills, ledgers, killsOfOneRound] = [200, long ? 50 : 1, 100];
const { test } = suite('kill -9 around the ledger (T11)');

/** Every seventh is killed this long after its start, whatever it does then: reading, repairing, or not running yet. */
const early = (nth: number): number | null => (nth % 7 === 3 ? 40 + ((nth * 13) % 160) : null);

/** Lets the child run until it has said so many lines more than `open`, kills it, and returns all whole lines it said. */
function runAndKill(root: string, nth: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const [lines, delayMs] = [((nth * 7) % 40) * Math.ceil(ledgers / 2), (nth % 23) * 0.15];
    const child = spawn(process.execPath, [
      packagePath('dist', 'test', 'ledger', 'kill_child.js'),
      root,
      String(ledgers),
    ]);
    let [said, count, complaint, killing] = ['', 0, '', false];
    const kill = (afterMs: number) => {
      killing = true;
      setTimeout(() => child.kill('SIGKILL'), afterMs);
    };
    const soon = early(nth);
    if (soon !== null) kill(soon);
    child.stdout.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      said += text;
      count += text.split('\n').length - 1;
      if (!killing && count > lines) kill(delayMs);
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

async function recordsOf(dir: string, keyFile: string): Promise<Map<number, LedgerRecord>> {
  const ledger = must(await openLedger(optionsIn(dir, { signingKey: loadSigningKey(keyFile) })));
  const records = new Map<number, LedgerRecord>();
  ledger.replay(1, (record) => {
    records.set(record.seq, record);
    return true;
  });
  await ledger.close();
  return records;
}

/** Everything that was said of one ledger against everything that is in it. @returns how many requests were cut off. */
async function check(root: string, nth: number, said: readonly string[]): Promise<number> {
  const dir = join(root, `ledger-${nth}`);
  const records = await recordsOf(dir, join(root, 'key.pem'));
  for (const line of said) {
    const [, word, intentSeq, outcomeSeq] = line.split(' ');
    assert.equal(records.get(Number(intentSeq))?.action, 'access.intent', line);
    if (word === 'outcome') assert.equal(records.get(Number(outcomeSeq))?.ref, Number(intentSeq), line);
  }
  const all = [...records.values()];
  const completed = all.map(({ ref }) => ref).filter((ref) => ref !== undefined);
  const intents = all.filter(({ action }) => action === 'access.intent').map(({ seq }) => seq);
  completed.sort((a, b) => a - b);
  assert.deepEqual(completed, intents, 'each intent is completed exactly once');
  assert.equal(verifyLedger(dir).firstBad, null);
  return all.filter(({ action }) => action === 'access.abandoned').length;
}

const total = { kills: 0, ledgersCutOff: 0, acknowledged: 0, abandoned: 0 };

async function killRound(round: number): Promise<void> {
  const root = temporaryFolder();
  const said: string[] = [];
  loadSigningKey(join(root, 'key.pem'));
  for (let kill = 0; kill < killsOfOneRound; kill += 1) {
    said.push(...(await runAndKill(root, round * killsOfOneRound + kill)));
    total.kills += 1;
    total.ledgersCutOff += ledgers;
    const nth = kill % ledgers;
    const bad = kill % 50 === 49 ? verifyLedger(join(root, `ledger-${nth}`)).firstBad : null;
    assert.equal(bad?.problem ?? 'cut_off', 'cut_off');
    if (long && kill % 10 === 9) process.stdout.write(`${JSON.stringify(total)}\n`);
  }
  const lines = said.filter((line) => line !== 'open');
  total.acknowledged += lines.length;
  for (let nth = 0; nth < ledgers; nth += 1) {
    const own = lines.filter((line) => line.startsWith(`${nth} `));
    total.abandoned += await check(root, nth, own);
  }
  removeFolder(root);
}

test(
  `${kills * ledgers} times cut off by kill -9, every acknowledged record is durable and every unanswered intent is ABANDONED [IV.C.6.a] [III.G]`,
  async () => {
    for (let round = 0; round < kills / killsOfOneRound; round += 1) await killRound(round);
    if (long) process.stdout.write(`${JSON.stringify(total)}\n`);
    const cut = kills * ledgers;
    assert.ok(total.abandoned > cut / 20 && total.acknowledged > cut * 5, JSON.stringify(total));
  },
  { timeoutMs: kills * 30_000 },
);
