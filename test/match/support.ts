import type { HotListEntry } from '../../src/data/match.js';
import type { Read } from '../../src/data/read.js';
import type { CategoryPolicy, CategoryTable } from '../../src/match/category_table.js';
import { loadCategoryTable } from '../../src/match/category_table.js';
import type { ImportReport } from '../../src/match/import/report.js';
import { type ImportBasis, type ImportRequest, importSource } from '../../src/match/import/update.js';
import { Matcher } from '../../src/match/matcher.js';
import { packFirst, packRest } from '../../src/match/plate.js';
import { type HotListSettings, hotListSettings } from '../../src/match/settings.js';
import { SnapshotBuilder } from '../../src/match/snapshot/builder.js';
import type { SourceInfo } from '../../src/match/snapshot/header.js';
import { textsOf } from '../../src/match/snapshot/row.js';
import { Snapshot } from '../../src/match/snapshot/snapshot.js';
import { ManualClock } from '../../src/observe/clock.js';
import { packagePath } from '../../src/package_root.js';
import { loadPolicy } from '../../src/policy/policy_file.js';

export function mustBe<Value>(result: { ok: true; value: Value } | { ok: false; error: unknown }): Value {
  if (!result.ok) throw new Error(String(result.error));
  return result.value;
}

const shipped = mustBe(loadPolicy(packagePath('policies', '41-12.yaml')));
export const policy: CategoryPolicy = {
  authorised: Object.keys(shipped.categories.authorised),
  prohibited: Object.keys(shipped.categories.prohibited),
  byHand: shipped.categories.byHand,
  excepted: [],
  mapped: {},
};
export const table: CategoryTable = mustBe(loadCategoryTable(packagePath('policies', 'hot-list-categories.yaml')));

export function entry(plate: string, more: Partial<HotListEntry> = {}): HotListEntry {
  const nothing = { vehicle: null, originatingAgency: null, expiresAtMs: null, reason: null };
  return { entryId: `e-${plate}`, plate, state: 'MA', category: 'stolen_vehicle', source: 'test', ...nothing, ...more };
}

function sourceInfo(name: string, compiledAtMs: number, kept = 1): SourceInfo {
  const digest = '0'.repeat(64);
  const none = {
    duplicates: 0,
    rejected: 0,
    dropped: {},
    loadable: [...policy.authorised].sort(),
    mapped: [],
    signed: false,
  };
  const times = { compiledAtMs, importedAtMs: compiledAtMs };
  return { name, sha256: digest, ...times, rows: kept, kept, ...none, tableSha256: digest };
}

export function snapshotOf(
  entries: readonly HotListEntry[],
  version = 1,
  compiledAtMs = Date.UTC(2026, 0, 1),
): Snapshot {
  const builder = new SnapshotBuilder();
  for (const one of entries) builder.add(packFirst(one.plate), packRest(one.plate), textsOf(one));
  const names = [...new Set(entries.map(({ source }) => source))];
  const { header, body } = builder.finish(version, compiledAtMs, () =>
    names.map((name) => sourceInfo(name, compiledAtMs)),
  );
  return new Snapshot(header, body);
}

export function matcherOf(entries: readonly HotListEntry[], settings: Partial<HotListSettings> = {}) {
  const clock = new ManualClock();
  const matcher = new Matcher({ ...hotListSettings.parse({}), ...settings }, clock);
  matcher.use(snapshotOf(entries, 1, clock.nowMs()));
  return { matcher, clock };
}

export function readOf(plate: string, state: string | null, more: Partial<Read> = {}): Read {
  const none = { vehicle: new Uint8Array(), plate: new Uint8Array(), vehicleSha256: '', plateSha256: '' };
  const alternatives = [{ text: plate, confidence: 0.9 }];
  const fixed = { confidence: 0.9, stateConfidence: 0.9, evidence: none, cameraId: 'c', id: `r-${plate}` };
  return { plate, state, alternatives, ...fixed, ...more } as Read;
}

export interface Text {
  readonly text: string | Buffer;
  readonly format?: 'ncic' | 'csv' | 'jsonl';
  readonly source?: string;
}

/** Imports a text as a file would be, with everything else as usual. */
export function importText(
  { text, format = 'csv', source = 'test' }: Text,
  more: Partial<Omit<ImportRequest, 'rules'>> & { rules?: Partial<ImportRequest['rules']> } = {},
  basis: ImportBasis = { current: null, earlier: [] },
): Promise<{ report: ImportReport; snapshot: Snapshot | null }> {
  const nowMs = Date.UTC(2026, 0, 2);
  const rules = {
    name: source,
    format,
    columns: {},
    fileId: null,
    rejectedShareMax: 1,
    countMoveMax: 1,
    ...more.rules,
  };
  const times = { compiledAtMs: null, fallbackCompiledAtMs: nowMs - 1000, nowMs };
  const request = { policy, table, ...times, isSigned: null, approvedBy: null, ...more, rules };
  return importSource({ ...request, input: chunksOf(Buffer.from(text)) }, basis).then(({ report, built }) => ({
    report,
    snapshot: built && new Snapshot(built.header, built.body),
  }));
}

/** In pieces that cut lines and characters anywhere. */
async function* chunksOf(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  if (bytes.length === 0) yield bytes;
}

export function platesIn(snapshot: Snapshot | null): string[] {
  const found: string[] = [];
  snapshot?.each(
    () => true,
    (first, rest) => found.push(...snapshot.entriesOf(first, rest).map(({ plate }) => plate)),
  );
  return found.sort();
}
