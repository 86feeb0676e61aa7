import { packFirst, packRest } from '../match/plate.js';
import { SnapshotBuilder } from '../match/snapshot/builder.js';
import { Snapshot } from '../match/snapshot/snapshot.js';

const shapes = 175_760_000;
/** Prime to the number of shapes, so that a stride visits each once. */
const stride = 104_729_917;

/** The i-th invented plate, three letters and four digits; different for every i below 1.7 * 10^8. */
export function inventedPlate(i: number): string {
  const n = Number((BigInt(i) * BigInt(stride)) % BigInt(shapes));
  const letter = (divisor: number) => 65 + (Math.floor(n / divisor) % 26);
  const digit = (divisor: number) => 48 + (Math.floor(n / divisor) % 10);
  return String.fromCharCode(
    letter(10_000 * 676),
    letter(10_000 * 26),
    letter(10_000),
    digit(1000),
    digit(100),
    digit(10),
    digit(1),
  );
}

/** A list of the first `entries` plates, as an import would make it. */
export function inventedList(entries: number): { snapshot: Snapshot; buildMs: number } {
  const builder = new SnapshotBuilder();
  const row = { who: '["bench","stolen_vehicle","MA"]', vehicle: '', own: '' };
  for (let i = 0; i < entries; i++) {
    const plate = inventedPlate(i);
    builder.add(packFirst(plate), packRest(plate), row);
  }
  const startedAt = performance.now();
  const { header, body } = builder.finish(1, Date.now(), () => []);
  return { snapshot: new Snapshot(header, body), buildMs: performance.now() - startedAt };
}

/** Plates as cameras read them: `hitRate` of them are on the list of `entries`, spread evenly. */
export function inventedReads(entries: number, count: number, hitRate: number): string[] {
  const every = hitRate > 0 ? Math.round(1 / hitRate) : Number.POSITIVE_INFINITY;
  return Array.from({ length: count }, (_, i) =>
    inventedPlate((i + 1) % every === 0 ? (i * 7919) % entries : entries + i * 3),
  );
}
