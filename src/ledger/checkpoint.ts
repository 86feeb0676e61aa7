import { hash } from 'node:crypto';
import type { SigningKey } from './signing_key.js';

/**
 * A signed statement about the first `size` records. `leaves` holds the first 6 bytes of every record's hash since the checkpoint
 * before, so that a verifier names the very record that was forged and not only the range it lies in.
 */
export interface Checkpoint {
  readonly number: number;
  readonly size: number;
  /** RFC 9162 tree head, hex; a leaf's entry is the 32 bytes of a record's hash. */
  readonly root: string;
  readonly ts_utc: string;
  /** SHA-256 hex of the line before. */
  readonly prev: string;
  readonly leaves: string;
  /** SHA-256 hex of the signing key. */
  readonly key: string;
  /** Ed25519 over the line without `,"signature":...`, base64. */
  readonly signature: string;
}

export const leafPrefixChars = 12;

type Statement = Omit<Checkpoint, 'signature' | 'key'>;

/** The line of a checkpoint, without line feed, and its digest for the next one. */
export function encodeCheckpoint(statement: Statement, key: SigningKey): { line: string; digest: string } {
  const { number, size, root, ts_utc, prev, leaves } = statement;
  const text = JSON.stringify({ number, size, root, ts_utc, prev, leaves, key: key.fingerprint });
  const line = `${text.slice(0, -1)},"signature":"${key.sign(text.slice(0, -1))}"}`;
  return { line, digest: hash('sha256', line, 'hex') };
}

export function decodeCheckpoint(line: string): Checkpoint {
  return JSON.parse(line) as Checkpoint;
}
