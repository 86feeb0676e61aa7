/** What kind of data a file holds: the stricter reads are those nearer to a plate. */
type DataClass = 'bulk' | 'alert' | 'case' | 'hot_list' | 'audit' | 'secret' | 'state' | 'queue';

/** One kind of file of the data directory: what it holds, who may see it, when it goes [III.F]. */
export interface InventoryEntry {
  /** Of the path below the data directory. */
  readonly path: RegExp;
  readonly dataClass: DataClass;
  readonly holds: string;
  readonly goes: string;
}

/**
 * Everything the program keeps. A file that is not listed here is a mistake: a test runs the whole program and finds none [III.F]; every
 * copy of a plate has its own end, at most that of the bulk reads [IV.F.1].
 */
export const dataInventory: readonly InventoryEntry[] = [
  entry(/^store\/clickhouse\//, 'bulk', 'reads: plate, time, position, camera', 'with their day, by retention'),
  entry(/^store\/images\//, 'bulk', 'pictures of reads and alerts', 'with their day, by retention'),
  entry(/^store\/held\//, 'case', 'pictures that cases keep', 'with the disposal of their case'),
  entry(
    /^store\/spool\//,
    'queue',
    'reads on their way into the bulk store, or refused by it',
    'when stored, at the latest by retention',
  ),
  entry(
    /^spool\/[^/]+\/inference\.json(\.new)?$/,
    'state',
    'which inference library was faster here',
    'when measured anew',
  ),
  entry(
    /^spool\//,
    'queue',
    'reads of an engine that control has not acknowledged',
    'when acknowledged, at the latest after 30 days',
  ),
  entry(/^store\/exports\//, 'case', 'exports being made', 'when given, at the latest an hour later'),
  entry(
    /^alerts\/(alerts|pictures)\.jsonl(\.part)?$/,
    'alert',
    'alerts, and where their pictures lie',
    'with their reads, by retention; with the disposal of the case that keeps the read',
  ),
  entry(
    /^alerts\/outbox\.jsonl(\.part)?$/,
    'queue',
    'alerts that a webhook has yet to be told of',
    'when told, refused, or a day old, at the latest at the next retention run',
  ),
  entry(
    /^hot-list\/list-\d+\.snapshot(\.part)?$/,
    'hot_list',
    'the signed version of the hot lists',
    'when a newer one is durable',
  ),
  entry(
    /^hot-list\/(imports\.jsonl|rejects\/[a-z0-9_]+\.json(\.part)?)$/,
    'state',
    'what each import came to: counts, numbers of rejected lines, never their content',
    'with the data directory; those with line numbers at the next import of their source',
  ),
  entry(
    /^hot-list\/removed\.json(\.part)?$/,
    'hot_list',
    'ids of entries that must not match',
    'with the data directory; a list compiled later outdates each',
  ),
  entry(/^hot-list\/import\.lock$/, 'state', 'number of the process that imports', 'when the import has ended'),
  entry(
    /^ledger\/(segment-\d+\.jsonl|checkpoints\.jsonl|ledger\.pub|torn-[0-9a-f]+\.bin|lock(\.\d+)?)$/,
    'audit',
    'who did what, when and why',
    'after seven years',
  ),
  entry(/^governance-snapshot\.json$/, 'state', 'the state that follows from the ledger', 'replaced at every stop'),
  entry(
    /^keys\//,
    'secret',
    "the hot list's signing key, password hashes, authenticator seeds",
    'with the account or the key',
  ),
  entry(/^(control\.pid|lock(\.\d+)?)$/, 'state', 'which process runs', 'at every stop'),
];

function entry(path: RegExp, dataClass: DataClass, holds: string, goes: string): InventoryEntry {
  return { path, dataClass, holds, goes };
}

/** @returns the entry of a file by its path below the data directory, `null` when it is in no list. */
export function inventoryOf(path: string): InventoryEntry | null {
  return dataInventory.find((one) => one.path.test(path)) ?? null;
}
