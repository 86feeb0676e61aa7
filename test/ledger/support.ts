import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../../src/data/result.js';
import { type Ledger, type LedgerOptions, systemActor } from '../../src/ledger/ledger.js';
import { openLedger } from '../../src/ledger/open.js';
import type { Draft } from '../../src/ledger/record.js';
import { newSigningKey } from '../../src/ledger/signing_key.js';
import { ManualClock } from '../../src/observe/clock.js';

const policySha256 = 'a'.repeat(64);

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ps-ledger-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.last`, { force: true });
}

export function must<Value, Failure>(result: Result<Value, Failure>): Value {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

export function optionsIn(dir: string, more: Partial<LedgerOptions> = {}): LedgerOptions {
  return {
    dir,
    clock: new ManualClock(),
    policySha256,
    signingKey: newSigningKey(),
    lastSignedFile: `${dir}.last`,
    node: 'test',
    ...more,
  };
}

export async function ledgerIn(dir: string, more: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return must(await openLedger(optionsIn(dir, more)));
}

export function note(text: string): Draft {
  return { ...systemActor, action: 'test.noted', request: { text } };
}
