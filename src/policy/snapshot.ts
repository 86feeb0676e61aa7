import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { replaceFileSync } from '../files/whole_file.js';
import { fold } from './fold.js';
import type { Journal, JournalRecord } from './journal.js';
import { emptyState, type GovernanceState } from './state.js';

/** Change it whenever the fold changes: an older snapshot is then not used. */
const foldVersion = 5;

function toText(state: GovernanceState): string {
  return JSON.stringify({ foldVersion, state }, (_key, value: unknown) =>
    value instanceof Map ? { $map: [...(value as Map<string, unknown>)] } : value,
  );
}

function fromText(text: string): GovernanceState | null {
  const kept = JSON.parse(text, (_key, value: unknown) => {
    const entries = (value as { $map?: [string, unknown][] } | null)?.$map;
    return Array.isArray(entries) ? new Map(entries) : value;
  }) as { foldVersion: number; state: GovernanceState };
  return kept.foldVersion === foldVersion ? { ...emptyState(), ...kept.state } : null;
}

/** Digest of a state, for comparing a fold with another. */
export function digestOfState(state: GovernanceState): string {
  return hash('sha256', toText(state), 'hex');
}

/** Writes the state and puts its digest into the ledger: a snapshot counts only because the ledger vouches for it. */
export async function takeSnapshot(file: string, state: GovernanceState, ledger: Journal): Promise<boolean> {
  const text = toText(state);
  const request = { at: state.sequence, sha256: hash('sha256', text, 'hex') };
  replaceFileSync(file, text);
  const author = { actor_id: 'SYS', actor_name: 'platestream', roles: ['SYS'], decision: 'allow' as const };
  return (await ledger.append({ action: 'governance.snapshot', ...author, request })).ok;
}

/**
 * The state at the end of the ledger: from the snapshot and what came after it where the ledger names that snapshot's digest, else from
 * the first record. Both are equal (a test holds them together); the second is slower.
 */
export function restoreState(file: string, ledger: Journal): GovernanceState {
  return (existsSync(file) && fromSnapshot(file, ledger)) || replayAll(ledger);
}

function replayAll(ledger: Journal): GovernanceState {
  const state = emptyState();
  ledger.replay(1, (record) => {
    fold(state, record);
    return true;
  });
  return state;
}

function fromSnapshot(file: string, ledger: Journal): GovernanceState | null {
  const text = readFileSync(file, 'utf8');
  const sha256 = hash('sha256', text, 'hex');
  const state = readable(text);
  if (state === null) return null;
  let vouched = false;
  ledger.replay(state.sequence + 1, (record) => {
    vouched ||= vouches(record, sha256);
    fold(state, record);
    return true;
  });
  return vouched ? state : null;
}

function readable(text: string): GovernanceState | null {
  try {
    return fromText(text);
  } catch {
    return null;
  }
}

function vouches({ action, request }: JournalRecord, sha256: string): boolean {
  return action === 'governance.snapshot' && (request as { sha256?: string } | undefined)?.sha256 === sha256;
}
