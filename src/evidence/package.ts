import { hash } from 'node:crypto';
import { zipSync } from 'fflate';
import { explanation } from './explanation.js';

/** A preserved read as a package states it; the picture digests are those it was captured with. */
export interface EvidenceRead {
  readonly readId: string;
  readonly capturedAtMs: number;
  readonly captureClock: string;
  readonly cameraId: string;
  readonly position: { readonly latitude: number; readonly longitude: number } | null;
  readonly plate: string;
  readonly state: string | null;
  readonly stateConfidence: number;
  readonly confidence: number;
  readonly alternatives: readonly { readonly text: string; readonly confidence: number }[];
  readonly evidenceDigest: string;
  readonly model: string;
  readonly pictures: {
    readonly vehicle: Uint8Array | null;
    readonly plate: Uint8Array | null;
    readonly vehicleSha256: string;
    readonly plateSha256: string;
  } | null;
}

/** To whom and why; what the ledger's release record says too. */
export interface Release {
  readonly caseNo: string;
  readonly kind: string;
  readonly recipient: string;
  readonly secondaryRecipient: string | null;
  readonly purpose: string;
  readonly docketNo: string | null;
  readonly madeAt: string;
}

export type PackageFiles = ReadonlyMap<string, Uint8Array>;

/** @returns the files without the ledger's part, and the digest that the ledger's release record is to carry. */
export function packageContent(
  release: Release,
  reads: readonly EvidenceRead[],
): { readonly files: PackageFiles; readonly packageSha256: string } {
  const files = new Map<string, Uint8Array>();
  const stated = reads.map((read, index) => statedRead(read, index, files));
  files.set('reads.jsonl', Buffer.from(stated.map((read) => `${JSON.stringify(read)}\n`).join('')));
  files.set('README.html', Buffer.from(explanation(release, stated)));
  const digests = [...files].map(([name, bytes]) => [name, hash('sha256', bytes, 'hex')] as const);
  const manifest = { format: 'platestream-evidence', version: 1, ...release, reads: reads.length };
  const sorted = digests.sort(([a], [b]) => (a < b ? -1 : 1));
  const text = Buffer.from(`${JSON.stringify({ ...manifest, files: Object.fromEntries(sorted) }, null, 2)}\n`);
  files.set('manifest.json', text);
  return { files, packageSha256: hash('sha256', text, 'hex') };
}

/** A read with the names of its pictures instead of their bytes. */
export type StatedRead = ReturnType<typeof statedRead>;

function statedRead({ pictures, ...read }: EvidenceRead, index: number, files: Map<string, Uint8Array>) {
  const name = (which: string) => `images/${String(index + 1).padStart(4, '0')}-${which}.jpg`;
  if (pictures === null) return { ...read, images: null };
  const put = (which: 'vehicle' | 'plate') => {
    const bytes = pictures[which];
    if (bytes === null) return null;
    files.set(name(which), bytes);
    return name(which);
  };
  const { vehicleSha256, plateSha256 } = pictures;
  return { ...read, images: { vehicle: put('vehicle'), plate: put('plate'), vehicleSha256, plateSha256 } };
}

/** What ties a package to the ledger: the records, their proofs, the signed checkpoint and the public key. */
export interface LedgerPart {
  readonly records: readonly { readonly seq: number; readonly line: string; readonly path: readonly string[] }[];
  readonly checkpoint: string;
  readonly publicPem: string;
}

/** One zip; pictures are stored as they are, the rest is deflated. */
export function zipPackage(files: PackageFiles, ledger: LedgerPart): Uint8Array {
  const proofs = ledger.records.map(({ seq, path }) => ({ seq, path }));
  const all = new Map(files);
  all.set('ledger/records.jsonl', Buffer.from(ledger.records.map(({ line }) => `${line}\n`).join('')));
  all.set('ledger/proof.json', Buffer.from(`${JSON.stringify({ checkpoint: ledger.checkpoint, proofs }, null, 2)}\n`));
  all.set('ledger/ledger.pub', Buffer.from(ledger.publicPem));
  const level = (name: string) => (name.endsWith('.jpg') ? 0 : 6);
  return zipSync(Object.fromEntries([...all].map(([name, bytes]) => [name, [bytes, { level: level(name) }]])));
}
