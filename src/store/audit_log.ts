import type { Warehouse } from './clickhouse.js';
import { localSuffix, type Topology } from './schema/engine.js';

/** One ledger record as auditors ask about it; every value is copied from the record. */
export interface AuditRow {
  readonly seq: number;
  readonly at_ms: number;
  readonly action: string;
  /** Of an intent: the access that was asked for. */
  readonly asked: string;
  /** The record this one completes; 0: none. */
  readonly ref: number;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly decision: string;
  readonly code: string;
  readonly object_id: string;
  /** Plates or patterns (`?`, `*`) asked for; `*` alone: all plates. */
  readonly plates: readonly string[];
  readonly case_no: string;
  readonly basis: string;
  readonly facts: string;
  readonly cameras: number;
  readonly from_ms: number;
  readonly to_ms: number;
  /** -1: the record states none. */
  readonly result_rows: number;
  readonly line_hash: string;
}

/** What an auditor wants to know; an empty question asks for everything. */
export interface AuditQuestion {
  readonly plate?: string | undefined;
  readonly user?: string | undefined;
  readonly caseNo?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Only records before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface Look extends AuditRow {
  /** Of the outcome; 0 and -1: there is none yet, or the access was refused. */
  readonly outcome_seq: number;
  readonly outcome_rows: number;
}

/** The projection of the ledger in the bulk store. */
export interface AuditLog {
  append(rows: readonly AuditRow[]): Promise<void>;
  lastSequence(): Promise<number>;
  /** In order of the ledger. */
  rows(after: number, count: number): Promise<AuditRow[]>;
  clear(): Promise<void>;
  /** Accesses that asked for a plate, or that could have shown it; newest first, one more than the limit when there are more. */
  looks(question: AuditQuestion): Promise<Look[]>;
}

const names = [
  'seq',
  'at_ms',
  'action',
  'asked',
  'ref',
  'actor_id',
  'actor_name',
  'decision',
  'code',
  'object_id',
  'plates',
  'case_no',
  'basis',
  'facts',
  'cameras',
  'from_ms',
  'to_ms',
  'result_rows',
  'line_hash',
] as const satisfies readonly (keyof AuditRow)[];

export function createAuditLog(warehouse: Warehouse, topology: Topology): AuditLog {
  const table = `platestream.audit_log${localSuffix(topology)}`;
  const onCluster = topology.cluster ? ` ON CLUSTER '${topology.cluster}'` : '';
  return {
    async append(rows) {
      if (rows.length === 0) return;
      const body = rows.map((row) => JSON.stringify(names.map((name) => row[name]))).join('\n');
      const token = `audit-${rows[0]?.seq}-${rows.at(-1)?.line_hash}`.replace(/[^a-z0-9-]/g, '');
      await warehouse.insert({
        table: 'platestream.audit_log',
        columns: names,
        format: 'JSONCompactEachRow',
        token,
        body: Buffer.from(`${body}\n`),
      });
    },
    async lastSequence() {
      const [row] = await warehouse.query<{ last: string }>('SELECT max(seq) AS last FROM platestream.audit_log');
      return Number(row?.last ?? 0);
    },
    async rows(after, count) {
      const found = await warehouse.query<AuditRow>(
        `SELECT ${names.join(', ')} FROM platestream.audit_log WHERE seq > {after:UInt64} ORDER BY seq LIMIT {count:UInt32} SETTINGS log_queries = 0`,
        { after, count },
      );
      return found.map(asRow);
    },
    clear: () => warehouse.command(`TRUNCATE TABLE ${table}${onCluster}`),
    async looks(question) {
      const { sql, params } = looksQuery(question);
      const found = await warehouse.search<Look>(sql, params);
      return found.map((row) => ({
        ...asRow(row),
        outcome_seq: Number(row.outcome_seq),
        outcome_rows: Number(row.outcome_rows),
      }));
    },
  };
}

/** Large integers come as text. */
function asRow(row: AuditRow): AuditRow {
  const { seq, at_ms, ref, cameras, from_ms, to_ms, result_rows, ...texts } = row;
  const numbers = { seq, at_ms, ref, cameras, from_ms, to_ms, result_rows };
  return {
    ...texts,
    ...(Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)])) as typeof numbers),
  };
}

/** A search by pattern, or for all plates, could have shown a plate it does not name: it counts as a look at it. */
const couldShow = "arrayExists(asked -> {plate:String} LIKE replaceAll(replaceAll(asked, '?', '_'), '*', '%'), plates)";

function looksQuery({ plate, user, caseNo, fromMs, toMs, before, limit }: AuditQuestion) {
  const conditions = [
    "(action = 'access.intent' OR (decision = 'refuse' AND (startsWith(action, 'reads.') OR action = 'case.read')))",
    ...(plate === undefined ? [] : [couldShow]),
    ...(user === undefined ? [] : ['actor_id = {user:String}']),
    ...(caseNo === undefined ? [] : ['case_no = {case_no:String}']),
    ...(fromMs === undefined ? [] : ['at_ms >= {from_ms:UInt64}']),
    ...(toMs === undefined ? [] : ['at_ms < {to_ms:UInt64}']),
    ...(before === undefined ? [] : ['seq < {before:UInt64}']),
  ];
  const params = {
    rows: limit + 1,
    ...(plate !== undefined && { plate }),
    ...(user !== undefined && { user }),
    ...(caseNo !== undefined && { case_no: caseNo }),
    ...(fromMs !== undefined && { from_ms: fromMs }),
    ...(toMs !== undefined && { to_ms: toMs }),
    ...(before !== undefined && { before }),
  };
  const sql = `SELECT ${names.map((name) => `l.${name} AS ${name}`).join(', ')},
      ifNull(o.outcome_seq, 0) AS outcome_seq, if(o.outcome_seq = 0, -1, o.outcome_rows) AS outcome_rows
    FROM (SELECT * FROM platestream.audit_log WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT {rows:UInt32}) AS l
    LEFT JOIN (SELECT ref, min(seq) AS outcome_seq, any(result_rows) AS outcome_rows FROM platestream.audit_log
      WHERE action = 'access.outcome' GROUP BY ref) AS o ON o.ref = l.seq
    ORDER BY seq DESC`;
  return { sql, params };
}
