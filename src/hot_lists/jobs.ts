import { createPublicKey, verify } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { fail, ok, type Result } from '../data/result.js';
import { isSignedBy, loadSigningKey } from '../ledger/signing_key.js';
import { type CategoryPolicy, loadCategoryTable } from '../match/category_table.js';
import type { ImportReport } from '../match/import/report.js';
import { importSource } from '../match/import/update.js';
import { ListFolder } from '../match/list_folder.js';
import type { SourceSettings } from '../match/settings.js';
import { SnapshotBuilder } from '../match/snapshot/builder.js';
import { type IsSigned, readSnapshot, type Sealed, seal } from '../match/snapshot/file.js';
import { Snapshot } from '../match/snapshot/snapshot.js';
import { packagePath } from '../package_root.js';

/** Where the list lives and whose key signs it. */
export interface ListHome {
  readonly folder: string;
  readonly signingKeyFile: string;
}

/** Everything an import needs but its bytes; plain data, so that a worker can be asked. */
export interface ImportJob {
  readonly home: ListHome;
  readonly source: SourceSettings;
  readonly policy: CategoryPolicy;
  readonly rejectedShareMax: number;
  readonly compiledAtMs: number | null;
  readonly approvedBy: string | null;
  readonly dryRun: boolean;
}

/** Imports one file of one source and, when all of it is accepted, makes it the next version on disk. */
export async function importFile(job: ImportJob, file: string): Promise<Result<ImportReport, string>> {
  if (!existsSync(file)) return fail(`${file}: no such file`);
  const signatureFile = `${file}.sig`;
  const signature = existsSync(signatureFile) ? readFileSync(signatureFile) : null;
  const input = createReadStream(file, { highWaterMark: 1 << 20 });
  return importStream(job, { input, signature, fallbackCompiledAtMs: Math.floor(statSync(file).mtimeMs) });
}

/** The bytes of a list, however they come. */
export interface ListInput {
  readonly input: AsyncIterable<Uint8Array>;
  /** Raw or base64; `null` where none came along. */
  readonly signature: Buffer | null;
  /** When it was compiled, if neither the request nor the file says so. */
  readonly fallbackCompiledAtMs: number;
}

export async function importStream(
  { home, source, policy, compiledAtMs, approvedBy, rejectedShareMax, dryRun }: ImportJob,
  { input, signature, fallbackCompiledAtMs }: ListInput,
): Promise<Result<ImportReport, string>> {
  const table = loadCategoryTable(packagePath('policies', 'hot-list-categories.yaml'));
  if (!table.ok) return table;
  const key = sourceKey(source);
  if (!key.ok) return key;
  const folder = new ListFolder(home.folder);
  const lock = await folder.lock();
  if (!lock.ok) return lock;
  try {
    const current = openCurrent(home);
    if (!current.ok) return current;
    const earlier = folder
      .imports()
      .flatMap((one) => (one.outcome === 'loaded' && one.source === source.name ? [one.sha256] : []));
    const rules = { ...source, rejectedShareMax };
    const isSigned = key.value === null ? null : (sha256: string) => key.value?.(sha256, signature) ?? false;
    const times = { compiledAtMs, fallbackCompiledAtMs, nowMs: Date.now() };
    const { report, built } = await importSource(
      { input, rules, policy, table: table.value, ...times, isSigned, approvedBy },
      { current: current.value, earlier },
    );
    if (!dryRun) {
      if (built !== null) folder.publish(seal(built, loadSigningKey(home.signingKeyFile).sign));
      await folder.record(report);
    }
    return ok(report);
  } finally {
    lock.value();
  }
}

/** The next version without the rows that no longer may be loaded: an exception has ended [IV.A.4]. */
export async function unload(home: ListHome, loadable: readonly string[]): Promise<Result<number, string>> {
  const folder = new ListFolder(home.folder);
  const lock = await folder.lock();
  if (!lock.ok) return lock;
  try {
    const current = openCurrent(home);
    if (!current.ok) return current;
    if (current.value === null) return ok(0);
    const { header } = current.value;
    const builder = new SnapshotBuilder();
    builder.copy(current.value, ({ category }) => loadable.includes(category));
    const sources = header.sources.map((one) => ({
      ...one,
      loadable: one.loadable.filter((c) => loadable.includes(c)),
    }));
    const built = builder.finish(header.version + 1, Date.now(), () => sources);
    folder.publish(seal(built, loadSigningKey(home.signingKeyFile).sign));
    return ok(built.header.version);
  } finally {
    lock.value();
  }
}

function openCurrent(home: ListHome): Result<Snapshot | null, string> {
  const current = new ListFolder(home.folder).current();
  if (current === null) return ok(null);
  const sealed = loadSealed(current.file, loadSigningKey(home.signingKeyFile).publicPem);
  return sealed.ok ? ok(new Snapshot(sealed.value.header, sealed.value.body)) : sealed;
}

export function signedBy(publicPem: string): IsSigned {
  return (text, signature) => isSignedBy(publicPem, text, signature);
}

/** Reads a version from disk; nothing that this key did not sign is believed. */
export function loadSealed(file: string, publicPem: string): Result<Sealed, string> {
  const sealed = readSnapshot(file, signedBy(publicPem));
  return sealed.ok ? sealed : fail(`${file}: ${sealed.error}`);
}

/** @returns a check of a file's detached signature, or `null` when the source needs none. */
function sourceKey({
  publicKeyFile,
}: SourceSettings): Result<((sha256: string, signature: Buffer | null) => boolean) | null, string> {
  if (publicKeyFile === undefined) return ok(null);
  if (!existsSync(publicKeyFile)) return fail(`${publicKeyFile}: no such key file`);
  const key = createPublicKey(readFileSync(publicKeyFile));
  return ok((sha256, signature) => signature !== null && isOver(sha256, signature));

  function isOver(sha256: string, signature: Buffer): boolean {
    const raw = signature.length === 64 ? signature : Buffer.from(signature.toString('latin1').trim(), 'base64');
    return verify(null, Buffer.from(sha256), key, raw);
  }
}
