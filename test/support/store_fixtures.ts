import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cameraId, readId } from '../../src/data/ids.js';
import type { Read } from '../../src/data/read.js';
import type { Receipt } from '../../src/data/receipt.js';
import type { SearchEnd, SearchItem } from '../../src/store/read_history.js';
import type { Store } from '../../src/store/store.js';

/** Where a test stands in for the ledger. */
export const testReceipt = { sequence: 7, actorId: 'tester', issuedAtMs: 0 } as unknown as Receipt;

export const registry = { position: () => ({ latitude: 42.35, longitude: -71.1 }) };

export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'platestream-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export function someRead(
  number: number,
  plate: string,
  capturedAtMs: number,
  change: { camera?: string; run?: string; imageBytes?: number } & Partial<Pick<Read, 'state' | 'alternatives'>> = {},
): Read {
  const { camera = 'north', run = 'boot', imageBytes = 64, ...rest } = change;
  const vehicle = Buffer.alloc(imageBytes, `vehicle ${number} `);
  const crop = Buffer.alloc(imageBytes, `crop ${number} `);
  const id = cameraId(camera);
  if (!id) throw new Error(`not a camera: ${camera}`);
  return {
    id: readId(`${run}-${camera}-${number}`),
    cameraId: id,
    plate,
    confidence: 0.97,
    alternatives: [{ text: plate, confidence: 0.97 }],
    state: 'MA',
    stateConfidence: 0.8,
    capturedAtMs,
    captureClock: 'receive',
    firstSeenAtMs: capturedAtMs - 400,
    lastSeenAtMs: capturedAtMs + 300,
    frameCount: 4,
    direction: 'approaching',
    box: { x: 10, y: 20, width: 80, height: 30 },
    evidence: { vehicle, vehicleSha256: sha256(vehicle), plate: crop, plateSha256: sha256(crop) },
    model: 'detector-1+reader-1',
    ...rest,
  };
}

/** All items of one search, apart: the rows, and the end marker, which must be there. */
export async function found(
  store: Pick<Store, 'history'>,
  criteria: unknown,
): Promise<{ rows: SearchItem[]; end: SearchEnd }> {
  const items: SearchItem[] = [];
  for await (const item of store.history.search(testReceipt, criteria)) items.push(item);
  const end = items.pop();
  if (end?.kind !== 'end' && end?.kind !== 'failed') throw new Error('a search ended without an end marker');
  return { rows: items, end };
}

/** What an attacker writes where a plate is asked for. */
export const payloads = [
  "' OR 1=1 --",
  "'); DROP TABLE reads; --",
  '{plate:String}',
  "\\' OR 1=1",
  '%',
  '$(id)',
  "file('/etc/passwd')",
  '\u0000',
  '__proto__',
];
