import type { Receipt } from '../data/receipt.js';
import type { Result } from '../data/result.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A ledger record, as far as governance reads it. */
export interface JournalRecord {
  readonly seq: number;
  readonly ts_utc: string;
  readonly hash: string;
  readonly action: string;
  readonly ref?: number;
  readonly actor_id: string;
  readonly roles: readonly string[];
  readonly object_id?: string;
  readonly request?: Json;
  readonly reason?: Json;
  readonly decision: 'allow' | 'refuse';
  readonly code?: string;
  readonly clause?: string;
  readonly effect?: Json;
  readonly result_count?: number;
  readonly clock_offset_ms: number;
}

export interface JournalDraft {
  readonly action: string;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly roles: readonly string[];
  readonly session_hash?: string;
  readonly auth_level?: string;
  readonly src_ip?: string;
  readonly object_type?: string;
  readonly object_id?: string;
  readonly request?: Json;
  readonly reason?: Json;
  readonly decision: 'allow' | 'refuse';
  readonly code?: string;
  readonly clause?: string;
  readonly warnings?: Json;
  readonly effect?: Json;
}

export interface JournalFault {
  readonly status: 503 | 507;
  readonly code: 'AUDIT_UNAVAILABLE' | 'AUDIT_DISK_FULL';
  readonly sentence: string;
}

/** What governance asks of a ledger (`src/ledger` is one): durable before acknowledged, heard in order. */
export interface Journal {
  readonly size: number;
  append(draft: JournalDraft): Promise<Result<JournalRecord, JournalFault>>;
  intent(draft: Omit<JournalDraft, 'decision'>): Promise<Result<Receipt, JournalFault>>;
  subscribe(listener: (record: JournalRecord) => void): () => void;
  replay(from: number, each: (record: JournalRecord) => boolean | undefined): void;
}
