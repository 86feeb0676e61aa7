/** Where a page ended: the place of its last read in the order of a search. */
export interface Cursor {
  readonly capturedAtMs: number;
  readonly camera: string;
  readonly run: string;
  readonly number: number;
}

export function cursorText({ capturedAtMs, camera, run, number }: Cursor): string {
  return Buffer.from(JSON.stringify([capturedAtMs, camera, run, number])).toString('base64url');
}

/** Strangers can write a cursor, so its parts are checked and then bound like any other value. */
export function parseCursor(text: string): Cursor | null {
  try {
    const [capturedAtMs, camera, run, number] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (!Number.isSafeInteger(capturedAtMs) || !Number.isInteger(number)) return null;
    if ((capturedAtMs as number) < 0 || (capturedAtMs as number) > Date.UTC(2100, 0, 1)) return null;
    if ((number as number) < 0 || (number as number) > 0xffff_ffff) return null;
    if (typeof camera !== 'string' || typeof run !== 'string') return null;
    return { capturedAtMs: capturedAtMs as number, camera, run, number: number as number };
  } catch {
    return null;
  }
}
