import { createPublicKey, hash, type KeyObject, verify as verifySignature } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/**
 * Checks a disclosure package offline, on any machine, without the system that made it. This file imports nothing but Node itself
 * and shares no code with the writer, so one mistake can not hide in both.
 */
export interface PackageVerdict {
  readonly ok: boolean;
  readonly caseNo: string | null;
  readonly recipient: string | null;
  readonly reads: number;
  readonly images: number;
  readonly records: number;
  /** Size of the ledger that the signed checkpoint speaks of, and when it was signed. */
  readonly ledgerSize: number;
  readonly signedAt: string | null;
  /** SHA-256 hex of the public key that the signature was checked with; compare it with one you got another way. */
  readonly key: string | null;
  /** The first thing that is wrong. */
  readonly firstBad: { readonly what: string; readonly sentence: string } | null;
}

class Wrong extends Error {
  readonly what: string;
  constructor(what: string, sentence: string) {
    super(sentence);
    this.what = what;
  }
}

type Files = ReadonlyMap<string, Buffer>;
type Found = { -readonly [Key in keyof Omit<PackageVerdict, 'ok' | 'firstBad'>]: PackageVerdict[Key] };

/**
 * @param path a folder, or the zip as it was handed over
 * @param publicPem the signer's public key, got another way; by default the one in the package, which then proves only that nothing
 *   was changed after it was put there
 */
export function verifyPackage(path: string, publicPem?: string): PackageVerdict {
  const found: Found = {
    caseNo: null,
    recipient: null,
    reads: 0,
    images: 0,
    records: 0,
    ledgerSize: 0,
    signedAt: null,
    key: null,
  };
  try {
    const files = statSync(path).isDirectory() ? filesOfFolder(path) : filesOfZip(readFileSync(path));
    const manifest = checkManifest(files, found);
    const records = checkLedger(files, found, publicPem);
    checkRelease(records, need(files, manifestName), manifest.caseNo);
    checkFiles(files, manifest);
    const reads = checkReads(files, found);
    checkPreserved(records, reads, manifest.caseNo);
    return { ok: true, ...found, firstBad: null };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, ...found, firstBad: { what: error.what, sentence: error.message } };
  }
}

interface Manifest {
  readonly format: string;
  readonly version: number;
  readonly caseNo: string;
  readonly recipient: string;
  readonly files: Readonly<Record<string, string>>;
}

interface Read {
  readonly readId: string;
  readonly cameraId: string;
  readonly plate: string;
  readonly capturedAtMs: number;
  readonly evidenceDigest: string;
  readonly images: {
    readonly vehicle: string | null;
    readonly plate: string | null;
    readonly vehicleSha256: string;
    readonly plateSha256: string;
  } | null;
}

const manifestName = 'manifest.json';
const ledgerFiles = ['ledger/records.jsonl', 'ledger/proof.json', 'ledger/ledger.pub'];

function need(files: Files, name: string): Buffer {
  const content = files.get(name);
  if (content === undefined) throw new Wrong(name, `${name} is missing`);
  return content;
}

function parse<Value>(content: Buffer | string, name: string): Value {
  try {
    return JSON.parse(content.toString()) as Value;
  } catch {
    throw new Wrong(name, `${name} is not JSON any more`);
  }
}

function checkManifest(files: Files, found: Found): Manifest {
  const manifest = parse<Manifest>(need(files, manifestName), manifestName);
  if (manifest.format !== 'platestream-evidence' || manifest.version !== 1 || typeof manifest.files !== 'object') {
    throw new Wrong(manifestName, `${manifestName} does not describe a package that this program can check`);
  }
  found.caseNo = manifest.caseNo;
  found.recipient = manifest.recipient;
  return manifest;
}

function checkFiles(files: Files, manifest: Manifest): void {
  for (const [name, digest] of Object.entries(manifest.files)) {
    if (hash('sha256', need(files, name), 'hex') !== digest)
      throw new Wrong(name, `${name} was altered: its digest is not the one in ${manifestName}`);
  }
  for (const name of files.keys()) {
    if (name === manifestName || ledgerFiles.includes(name) || Object.hasOwn(manifest.files, name)) continue;
    throw new Wrong(name, `${name} is not part of this package: it was added later`);
  }
}

/** Each read is bound to its two pictures by the digest that was stored with it when it was captured. */
function checkReads(files: Files, found: Found): Read[] {
  const name = 'reads.jsonl';
  const lines = need(files, name).toString().split('\n').filter(Boolean);
  const reads = lines.map((line) => parse<Read>(line, name));
  for (const read of reads) {
    if (read.images === null) continue;
    const { vehicle, plate, vehicleSha256, plateSha256 } = read.images;
    for (const [image, digest] of [
      [vehicle, vehicleSha256],
      [plate, plateSha256],
    ] as const) {
      if (image === null) continue;
      found.images += 1;
      if (hash('sha256', need(files, image), 'hex') !== digest)
        throw new Wrong(image, `${image} is not the picture that read ${read.readId} was made from`);
    }
    const said = [read.readId, read.cameraId, read.plate, read.capturedAtMs, vehicleSha256, plateSha256].join('\n');
    if (!hash('sha256', said, 'hex').startsWith(read.evidenceDigest) || read.evidenceDigest.length < 24)
      throw new Wrong(name, `read ${read.readId} does not fit the digest it was stored with`);
  }
  found.reads = reads.length;
  return reads;
}

interface Proof {
  readonly checkpoint: string;
  readonly proofs: readonly { readonly seq: number; readonly path: readonly string[] }[];
}

interface LedgerLine {
  readonly seq: number;
  readonly action: string;
  readonly decision: string;
  readonly object_id?: string;
  readonly request?: {
    readonly packageSha256?: string;
    readonly caseNo?: string;
    readonly readIds?: readonly string[];
  };
  readonly effect?: { readonly caseNo?: string; readonly readIds?: readonly string[]; readonly preserved?: string };
}

function checkLedger(files: Files, found: Found, publicPem: string | undefined): LedgerLine[] {
  const { key, fingerprint } = publicKeyOf(publicPem ?? need(files, 'ledger/ledger.pub').toString());
  const proof = parse<Proof>(need(files, 'ledger/proof.json'), 'ledger/proof.json');
  const checkpoint = checkSignature(proof.checkpoint, key, fingerprint);
  found.key = fingerprint;
  found.ledgerSize = checkpoint.size;
  found.signedAt = checkpoint.ts_utc;
  const lines = need(files, 'ledger/records.jsonl').toString().split('\n').filter(Boolean);
  if (lines.length !== proof.proofs.length)
    throw new Wrong('ledger/proof.json', 'there is not one proof for each record in ledger/records.jsonl');
  const records = lines.map((line, index) =>
    checkRecord(line, proof.proofs[index] as Proof['proofs'][number], checkpoint),
  );
  found.records = records.length;
  return records;
}

function publicKeyOf(pem: string): { key: KeyObject; fingerprint: string } {
  try {
    const key = createPublicKey(pem);
    return { key, fingerprint: hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex') };
  } catch {
    throw new Wrong('ledger/ledger.pub', 'the public key can not be read');
  }
}

interface Checkpoint {
  readonly size: number;
  readonly root: string;
  readonly ts_utc: string;
  readonly key: string;
}

function checkSignature(line: string, key: KeyObject, fingerprint: string): Checkpoint {
  const found = /^(\{"number":.*),"signature":"([A-Za-z0-9+/]{86}==)"\}$/.exec(line);
  const wrong = (why: string) => new Wrong('ledger/proof.json', `the checkpoint ${why}`);
  if (found === null) throw wrong('is not one');
  const [, text, signature] = found as unknown as [string, string, string];
  const checkpoint = parse<Checkpoint>(line, 'ledger/proof.json');
  if (checkpoint.key !== fingerprint) throw wrong('is signed by another key than the one given');
  if (!verifySignature(null, Buffer.from(text), key, Buffer.from(signature, 'base64')))
    throw wrong('has a false signature');
  return checkpoint;
}

/** A record is whole when its hash is that of its bytes, and in the ledger when its path leads to the signed tree head (RFC 9162, 2.1.3.2). */
function checkRecord(line: string, proof: Proof['proofs'][number], checkpoint: Checkpoint): LedgerLine {
  const where = 'ledger/records.jsonl';
  const tail = /,"hash":"([0-9a-f]{64})"\}$/.exec(line);
  const record = parse<LedgerLine>(line, where);
  const own = tail?.[1];
  if (own === undefined || hash('sha256', line.slice(0, -75), 'hex') !== own)
    throw new Wrong(where, `record ${record.seq} was altered: its hash does not match its content`);
  if (record.seq !== proof.seq || record.seq > checkpoint.size)
    throw new Wrong('ledger/proof.json', `the proof at the place of record ${record.seq} is of another record`);
  const leaf = hash('sha256', Buffer.concat([Buffer.of(0), Buffer.from(own, 'hex')]), 'buffer');
  if (rootFrom(leaf, proof.path, record.seq - 1, checkpoint.size) !== checkpoint.root)
    throw new Wrong('ledger/proof.json', `record ${record.seq} is not in the ledger that was signed`);
  return record;
}

export function rootFrom(leaf: Buffer, path: readonly string[], index: number, size: number): string {
  let [root, position, last] = [leaf, index, size - 1];
  for (const step of path) {
    const other = Buffer.from(step, 'hex');
    if (other.length !== 32 || last === 0) return '';
    if (position % 2 === 1 || position === last) {
      root = nodeOf(other, root);
      while (position % 2 === 0 && position !== 0) [position, last] = [position >> 1, last >> 1];
    } else {
      root = nodeOf(root, other);
    }
    [position, last] = [position >> 1, last >> 1];
  }
  return last === 0 ? root.toString('hex') : '';
}

function nodeOf(left: Buffer, right: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer');
}

/** The ledger says that this very package, by the digest of its manifest, was released for this case. */
function checkRelease(records: readonly LedgerLine[], manifest: Buffer, caseNo: string): void {
  const digest = hash('sha256', manifest, 'hex');
  const released = records.some(
    (one) =>
      one.action === 'disclosure.release' &&
      one.decision === 'allow' &&
      one.request?.packageSha256 === digest &&
      one.request.caseNo === caseNo,
  );
  if (!released)
    throw new Wrong(
      manifestName,
      `${manifestName} was altered: the ledger records no release of a package with its digest`,
    );
}

function checkPreserved(records: readonly LedgerLine[], reads: readonly Read[], caseNo: string): void {
  const kept = new Set<string>();
  for (const { decision, effect } of records) {
    if (decision !== 'allow' || effect?.caseNo !== caseNo) continue;
    for (const id of effect.readIds ?? []) kept.add(id);
    if (effect.preserved) kept.add(effect.preserved);
  }
  const stranger = reads.find((read) => !kept.has(read.readId));
  if (stranger)
    throw new Wrong('reads.jsonl', `read ${stranger.readId} was never preserved for case ${caseNo}, says the ledger`);
}

function filesOfFolder(folder: string): Files {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return new Map(names.map((name) => [name.split(sep).join('/'), readFileSync(join(folder, name))]));
}

/** The files of a zip by its central directory; stored or deflated entries, which is what packages have. */
function filesOfZip(zip: Buffer): Files {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || end + 22 > zip.length) throw new Wrong('the package', 'it is no zip, or its end is missing');
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < zip.readUInt16LE(end + 10); entry += 1) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== 0x02014b50)
      throw new Wrong('the package', 'its zip directory is damaged');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (files.has(name)) throw new Wrong(name, `${name} is in the package twice`);
    if (!name.endsWith('/')) files.set(name, entryOf(zip, at, name));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}

const entryBytesMax = 1 << 30;

function entryOf(zip: Buffer, at: number, name: string): Buffer {
  const [method, packed, unpacked, local] = [
    zip.readUInt16LE(at + 10),
    zip.readUInt32LE(at + 20),
    zip.readUInt32LE(at + 24),
    zip.readUInt32LE(at + 42),
  ];
  if (local + 30 > zip.length || unpacked > entryBytesMax) throw new Wrong(name, `${name} can not be unpacked`);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(start, start + packed);
  try {
    const content = method === 0 ? bytes : inflateRawSync(bytes, { maxOutputLength: Math.max(1, unpacked) });
    if (content.length !== unpacked) throw new Error('short');
    return Buffer.from(content);
  } catch {
    throw new Wrong(name, `${name} can not be unpacked: the package is damaged there`);
  }
}
