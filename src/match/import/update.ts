import { limits } from '../../limits.js';
import { type CategoryPolicy, type CategoryTable, classifier } from '../category_table.js';
import { type Built, SnapshotBuilder } from '../snapshot/builder.js';
import type { SourceInfo } from '../snapshot/header.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { type ColumnNames, csvFormat } from './csv.js';
import type { RowFormat } from './format.js';
import { type ImportCounts, importRows } from './import.js';
import { jsonLinesFormat } from './jsonl.js';
import { ncicFormat } from './ncic.js';
import type { ImportReport, Refusal, RefusalCode } from './report.js';

/** How a source's file is read and how far it is trusted. */
interface SourceRules {
  readonly name: string;
  readonly format: 'ncic' | 'csv' | 'jsonl';
  readonly columns: ColumnNames;
  /** Which of the source's files this is, when the file does not say it line by line. */
  readonly fileId: string | null;
  readonly rejectedShareMax: number;
  readonly countMoveMax: number;
}

export interface ImportRequest {
  readonly input: AsyncIterable<Uint8Array>;
  readonly rules: SourceRules;
  readonly policy: CategoryPolicy;
  readonly table: CategoryTable;
  /** Overrides what the file says; else the file, else `fallbackCompiledAtMs`. */
  readonly compiledAtMs: number | null;
  readonly fallbackCompiledAtMs: number;
  /** Checks the source's own signature of the file's SHA-256; `null` where the source has no key. */
  readonly isSigned: ((sha256: string) => boolean) | null;
  readonly approvedBy: string | null;
  readonly nowMs: number;
}

export interface ImportBasis {
  readonly current: Snapshot | null;
  /** SHA-256 of every file of this source that was ever loaded, oldest first. */
  readonly earlier: readonly string[];
}

/**
 * Makes the next version of the list: what all other sources had, and this file. Nothing changes unless the whole file is accepted.
 */
export async function importSource(
  request: ImportRequest,
  { current, earlier }: ImportBasis,
): Promise<{ report: ImportReport; built: Built | null }> {
  const { rules, policy, table, nowMs } = request;
  const classify = classifier(table, policy, rules.name);
  const builder = new SnapshotBuilder();
  const read = await importRows(request.input, { source: rules.name, format: formatOf(rules), classify }, builder);
  if (!read.ok) return refusedUnread(request, read.error);
  const counts = read.value;
  const compiledAtMs = request.compiledAtMs ?? counts.compiledAtMs ?? request.fallbackCompiledAtMs;
  const signed = request.isSigned?.(counts.sha256) ?? false;
  const before = current?.header.sources.find(({ name }) => name === rules.name) ?? null;
  const rulesNow = { loadable: loadableCategories(policy), mapped: mappingsOf(policy) };
  const base = { ...reportOf(request, counts), compiledAtMs, signed };
  const refusal = refusalOf({ request, counts, compiledAtMs, signed, before, earlier });
  if (refusal !== null) return { report: { ...base, refusal }, built: null };
  if (before?.sha256 === counts.sha256 && isSame(before, rulesNow, table.sha256))
    return { report: { ...base, outcome: 'unchanged', version: current?.header.version ?? null }, built: null };
  if (current !== null) builder.copy(current, ({ source }) => source !== rules.name);
  const version = (current?.header.version ?? 0) + 1;
  const others = current?.header.sources.filter(({ name }) => name !== rules.name) ?? [];
  let duplicates = 0;
  const built = builder.finish(version, nowMs, (found) => {
    duplicates = found.get(rules.name) ?? 0;
    return [...others, sourceInfo(request, counts, { compiledAtMs, signed, duplicates, ...rulesNow })];
  });
  const kept = counts.loaded - duplicates;
  return { report: { ...base, outcome: 'loaded', refusal: null, version, kept, duplicates }, built };
}

function formatOf({ format, columns, fileId }: SourceRules): RowFormat {
  if (format === 'ncic') return ncicFormat(fileId);
  return format === 'csv' ? csvFormat(columns, fileId) : jsonLinesFormat(columns, fileId);
}

/** What decides, beside the table, which of a file's rows are loaded. */
interface RulesNow {
  readonly loadable: string[];
  readonly mapped: string[];
}

/** What a file may bring. */
function loadableCategories({ authorised, byHand, excepted }: CategoryPolicy): string[] {
  return [...authorised.filter((one) => !byHand.includes(one)), ...excepted].sort();
}

export function mappingsOf({ mapped }: CategoryPolicy): string[] {
  return Object.entries(mapped)
    .map(([code, category]) => `${code}=${category}`)
    .sort();
}

function isSame(before: SourceInfo, { loadable, mapped }: RulesNow, tableSha256: string): boolean {
  const same = before.loadable.join() === loadable.join() && before.mapped.join() === mapped.join();
  return same && before.tableSha256 === tableSha256;
}

function reportOf({ rules, approvedBy, nowMs }: ImportRequest, counts: ImportCounts) {
  const { loaded, compiledAtMs: _ours, ...told } = counts;
  const made = { source: rules.name, atMs: nowMs, outcome: 'refused' as const, refusal: null, version: null };
  return { ...made, ...told, kept: loaded, duplicates: 0, approvedBy };
}

function refusedUnread(request: ImportRequest, sentence: string): { report: ImportReport; built: null } {
  const nothing = { rows: 0, loaded: 0, dropped: {}, rejected: 0, rejectedByReason: {}, rejects: [] };
  const counts = { ...nothing, sha256: '', bytes: 0, compiledAtMs: null, statesNormalised: 0 };
  const refusal = refused('UNREADABLE', sentence);
  const report = { ...reportOf(request, counts), compiledAtMs: request.fallbackCompiledAtMs, signed: false, refusal };
  return { report, built: null };
}

function sourceInfo(
  { rules, table, nowMs }: ImportRequest,
  { sha256, rows, loaded, dropped, rejected }: ImportCounts,
  more: RulesNow & { compiledAtMs: number; signed: boolean; duplicates: number },
): SourceInfo {
  const kept = loaded - more.duplicates;
  const counts = { rows, kept, rejected, dropped: { ...dropped } };
  return { name: rules.name, sha256, importedAtMs: nowMs, tableSha256: table.sha256, ...counts, ...more };
}

function refused(code: RefusalCode, sentence: string): Refusal {
  return { code, clause: 'III.M', sentence };
}

interface Judged {
  readonly request: ImportRequest;
  readonly counts: ImportCounts;
  readonly compiledAtMs: number;
  readonly signed: boolean;
  readonly before: SourceInfo | null;
  readonly earlier: readonly string[];
}

/** The first reason not to load the file, or `null`. */
function refusalOf({ request, counts, compiledAtMs, signed, before, earlier }: Judged): Refusal | null {
  const { rules, approvedBy, nowMs } = request;
  const { rows, rejected, rejects, sha256 } = counts;
  if (request.isSigned !== null && !signed)
    return refused('SIGNATURE_INVALID', "the signature is not that of this source's key");
  if (rejected > rows * rules.rejectedShareMax) {
    const first = rejects[0];
    return refused(
      'TOO_MANY_REJECTED',
      `${rejected} of ${rows} lines rejected (first: line ${first?.[0]}, ${first?.[1]}); nothing was loaded`,
    );
  }
  if (compiledAtMs > nowMs + limits.hotList.futureMsMax)
    return refused('FROM_THE_FUTURE', 'it says that it was compiled later than now; check the clocks');
  if (sha256 !== before?.sha256 && earlier.includes(sha256))
    return refused('OLDER_COPY', 'this file was loaded before and has been replaced since');
  if (before !== null && compiledAtMs < before.compiledAtMs)
    return refused('OLDER_COPY', 'it was compiled before the list that is loaded');
  return approvedBy === null ? countMoved(rules, rows, before) : null;
}

function countMoved({ countMoveMax }: SourceRules, rows: number, before: SourceInfo | null): Refusal | null {
  if (before === null && rows > 0) return null;
  const was = before?.rows ?? 0;
  if (rows > 0 && Math.abs(rows - was) <= was * countMoveMax) return null;
  return refused(
    'COUNT_MOVED',
    `${rows} rows where there were ${was}; somebody has to approve that by name (--approve "NAME: WHY")`,
  );
}
