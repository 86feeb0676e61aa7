import { hash } from 'node:crypto';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerRecord } from '../ledger/record.js';
import type { Log } from '../observe/log.js';
import type { AuditLog, AuditRow } from '../store/audit_log.js';

/** An auditor's questions over the ledger, answered from a projection that is compared with it [IV.C.6.b]. */
export interface AuditDesk {
  /** All that the ledger holds up to now is projected. */
  settled(): Promise<void>;
  looks: AuditLog['looks'];
  /** Compares every projected row with the ledger; a difference is repaired by projecting anew, and said. */
  compare(): Promise<Comparison>;
  close(): Promise<void>;
}

interface Comparison {
  readonly records: number;
  /** SHA-256 hex over the rows as the ledger gives them, and as the projection has them. */
  readonly ledgerSha256: string;
  readonly projectionSha256: string;
  readonly whole: boolean;
}

const batchRows = 2_000;

export async function openAuditDesk(ledger: Ledger, projection: AuditLog, log: Log): Promise<AuditDesk> {
  let projected = await projection.lastSequence();
  if (projected > ledger.size) projected = await startAnew();
  let working: Promise<void> | null = null;
  let closed = false;

  async function startAnew(): Promise<number> {
    await projection.clear();
    return 0;
  }

  function page(after: number, last: number): AuditRow[] {
    const rows: AuditRow[] = [];
    if (after >= last) return rows;
    ledger.replay(after + 1, (record) => {
      rows.push(auditRow(record));
      return rows.length < batchRows && record.seq < last;
    });
    return rows;
  }

  async function catchUp(): Promise<void> {
    while (!closed) {
      const rows = page(projected, ledger.size);
      if (rows.length === 0) return;
      await projection.append(rows);
      projected = rows.at(-1)?.seq ?? projected;
    }
  }

  /** One at a time; what came meanwhile is taken along by the next. */
  function work(): Promise<void> {
    working ??= catchUp().finally(() => {
      working = null;
    });
    return working;
  }

  async function settled(): Promise<void> {
    for (const until = ledger.size; projected < until && !closed; ) await work();
  }

  async function digests(last: number): Promise<[string, string]> {
    let [ofLedger, ofProjection] = ['', ''];
    for (let after = 0; after < last; ) {
      const expected = page(after, last);
      const found = await projection.rows(after, expected.length);
      ofLedger = chained(ofLedger, expected);
      ofProjection = chained(ofProjection, found);
      after = expected.at(-1)?.seq ?? last;
    }
    return [ofLedger, ofProjection];
  }

  const timer = setInterval(() => {
    work().catch(() => log.warn({ behind: ledger.size - projected }, 'audit projection delayed'));
  }, 2_000).unref();

  return {
    settled,
    async looks(question) {
      await settled();
      return projection.looks(question);
    },
    async compare() {
      await settled();
      const records = projected;
      const [ledgerSha256, projectionSha256] = await digests(records);
      const whole = ledgerSha256 === projectionSha256;
      if (!whole) {
        log.error({ records }, 'audit projection differed');
        projected = await startAnew();
        await settled();
      }
      return { records, ledgerSha256, projectionSha256, whole };
    },
    async close() {
      clearInterval(timer);
      closed = true;
      await working?.catch(() => undefined);
    },
  };
}

function chained(before: string, rows: readonly AuditRow[]): string {
  return hash(
    'sha256',
    `${before}\n${rows.map((row) => JSON.stringify(Object.entries(row).sort())).join('\n')}`,
    'hex',
  );
}

interface Asked {
  readonly plate?: string | null;
  readonly plates?: readonly string[];
  readonly cameras?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly objectId?: string | null;
}

/** An access names what it asks in `request` (of a refusal) or in `request.with` (of an intent). */
function auditRow(record: LedgerRecord): AuditRow {
  const request = objectOf(record.request) as { asked?: string; with?: Asked } & Asked;
  const asked: Asked = objectOf(request.with ?? request);
  const reason = objectOf(record.reason) as { caseNo?: string | null; basis?: string; facts?: string };
  return {
    seq: record.seq,
    at_ms: Date.parse(record.ts_utc),
    action: record.action,
    asked: textOf(request.asked),
    ref: record.ref ?? 0,
    actor_id: record.actor_id,
    actor_name: record.actor_name,
    decision: record.decision,
    code: record.code ?? '',
    object_id: record.object_id ?? textOf(asked.objectId),
    plates: platesOf(asked),
    case_no: textOf(reason.caseNo),
    basis: textOf(reason.basis),
    facts: textOf(reason.facts),
    cameras: Array.isArray(asked.cameras) ? asked.cameras.length : 0,
    from_ms: numberOf(asked.fromMs),
    to_ms: numberOf(asked.toMs),
    result_rows: record.result_count ?? -1,
    line_hash: record.hash,
  };
}

function platesOf({ plate, plates }: Asked): string[] {
  const more = Array.isArray(plates) ? plates.map(textOf) : [];
  if (plate === undefined) return more;
  const all = plate === null ? (more.length > 0 ? [] : ['*']) : [textOf(plate)];
  return [...all, ...more].map((text) => text.toUpperCase().replace(/[\s.·•-]/g, ''));
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0;
}
