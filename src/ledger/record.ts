import { hash } from 'node:crypto';
import { assert } from '../data/result.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What somebody did or was refused, as the writer of a record states it; field names are those of the file. Never holds a
 * password, token, TOTP seed or image.
 */
export interface Draft {
  /** `thing.happened`, e.g. `user.created`, `access.intent`. */
  readonly action: string;
  /** Sequence number of the record this one completes (outcome -> intent). */
  readonly ref?: number;
  readonly actor_id: string;
  /** The name as at that moment. */
  readonly actor_name: string;
  readonly roles: readonly string[];
  readonly designation_id?: string;
  /** SHA-256 hex of the session token. */
  readonly session_hash?: string;
  readonly auth_level?: string;
  readonly src_ip?: string;
  readonly object_type?: string;
  readonly object_id?: string;
  /** What was asked, normalised. */
  readonly request?: Json;
  readonly reason?: Json;
  readonly on_behalf_of?: Json;
  readonly decision: 'allow' | 'refuse';
  readonly code?: string;
  readonly clause?: string;
  /** Clauses that were not kept but only warn: `[{code, clause}]`. */
  readonly warnings?: Json;
  readonly result_count?: number;
  readonly result_sha256?: string;
  readonly bytes_out?: number;
  readonly duration_ms?: number;
  /** What changed, complete enough that the governance state is a fold of it; only in allowed records. */
  readonly effect?: Json;
}

/** One durable line: a draft, where and when it was written, and the chain. */
export interface LedgerRecord extends Draft {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly prev_hash: string;
  readonly ts_utc: string;
  readonly ts_mono: number;
  /** How far the wall clock has moved against the monotonic one since this ledger was opened. */
  readonly clock_offset_ms: number;
  readonly node: string;
  readonly policy_version_sha256: string;
  readonly config_sha256?: string;
  readonly hash: string;
}

/** Where and when: what the ledger adds to a draft. */
export interface Stamp {
  readonly seq: number;
  readonly prevHash: string;
  readonly utcMs: number;
  readonly monotonicMs: number;
  readonly clockOffsetMs: number;
  readonly node: string;
  readonly policySha256: string;
  readonly configSha256: string | null;
}

/** The chain starts from here. */
export const noHash = '0'.repeat(64);
/** Bytes of `,"hash":"<64 hex>"}` at the end of every line. */
export const hashTailBytes = 75;

/** JSON with object keys in code-point order, no spaces; `undefined` members are left out. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

/**
 * The line of a record, without line feed. `seq`, `prev_hash`, `ts_utc`, `action` and `ref` come first, in this order and with
 * fixed-width values, so that a chain is checked without parsing JSON; then the other fields in key order; then
 * `hash`, the SHA-256 of all bytes before `,"hash":`.
 */
export function encodeLine(draft: Draft, stamp: Stamp): { readonly line: string; readonly hash: string } {
  const { action, ref, ...others } = draft;
  assert(/^[a-z0-9_.]{1,64}$/.test(action), `an action is named like thing.happened, not ${action}`);
  const rest = canonicalJson({
    ...others,
    clock_offset_ms: stamp.clockOffsetMs,
    config_sha256: stamp.configSha256 ?? undefined,
    node: stamp.node,
    policy_version_sha256: stamp.policySha256,
    ts_mono: stamp.monotonicMs,
  });
  const head =
    `{"seq":${stamp.seq},"prev_hash":"${stamp.prevHash}","ts_utc":"${new Date(stamp.utcMs).toISOString()}",` +
    `"action":${JSON.stringify(action)}${ref === undefined ? '' : `,"ref":${ref}`},`;
  const body = `${head}${rest.slice(1, -1)}`;
  const digest = hash('sha256', body, 'hex');
  return { line: `${body},"hash":"${digest}"}`, hash: digest };
}

/** @param line a line whose hash has been checked. */
export function decodeLine(line: string): LedgerRecord {
  return JSON.parse(line) as LedgerRecord;
}
