import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';

/**
 * The real file system, of which one chosen call fails. Import it before the code under test: what is imported from `node:fs` after it
 * is replaced. After a failed sync the bytes since the last one are zeros, as where the kernel has given up their pages.
 */
export type Fault = 'short write' | 'ENOSPC' | 'EIO' | 'failed sync' | 'no new file' | 'failed rename';
export const faults: readonly Fault[] = ['short write', 'ENOSPC', 'EIO', 'failed sync', 'no new file', 'failed rename'];

const callOf: Readonly<Record<Fault, 'write' | 'sync' | 'open' | 'rename'>> = {
  'short write': 'write',
  ENOSPC: 'write',
  EIO: 'write',
  'failed sync': 'sync',
  'no new file': 'open',
  'failed rename': 'rename',
};

let armed: { readonly fault: Fault; left: number } | null = null;
let hasFired = false;

/** The `nth` call of its kind from now on fails, and no other. */
export function arm(fault: Fault, nth: number): void {
  armed = { fault, left: nth };
  hasFired = false;
}

/** @returns whether a call has failed since `arm`. */
export function disarm(): boolean {
  armed = null;
  return hasFired;
}

function firing(call: 'write' | 'sync' | 'open' | 'rename'): Fault | null {
  if (armed === null || callOf[armed.fault] !== call) return null;
  armed.left -= 1;
  if (armed.left !== 0) return null;
  hasFired = true;
  return armed.fault;
}

const errorOf = (code: string) => Object.assign(new Error(`${code}: injected`), { code });
const { writeSync, fdatasyncSync, fsyncSync, openSync, renameSync } = fs;
const unsynced = new Map<number, { at: number; bytes: number }[]>();

type Written = {
  readonly file: number;
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly at: number | null;
};

/** Writes as far as the fault lets it. @returns the bytes taken @throws the fault */
function writeUntilFault({ file, bytes, offset, at }: Written): number {
  const fault = firing('write');
  const all = bytes.length - offset;
  const taken = writeSync(file, bytes, offset, fault === null ? all : all >> 1, at);
  const before = unsynced.get(file) ?? [];
  const end = before.at(-1);
  unsynced.set(file, [...before, { at: at ?? (end ? end.at + end.bytes : 0), bytes: taken }]);
  if (fault === 'ENOSPC' || fault === 'EIO') throw errorOf(fault);
  return taken;
}

function syncUntilFault(file: number, sync: (file: number) => void): void {
  if (firing('sync') === null) sync(file);
  else {
    for (const { at, bytes } of unsynced.get(file) ?? []) writeSync(file, Buffer.alloc(bytes), 0, bytes, at);
    unsynced.delete(file);
    throw errorOf('EIO');
  }
  unsynced.delete(file);
}

function throwIf(call: 'open' | 'rename', code: string): void {
  if (firing(call) !== null) throw errorOf(code);
}

type Done = (error: Error | null, value?: unknown) => void;
/** A call with a callback, of what its namesake without one does. */
const later = (done: Done, work: () => unknown) => {
  setImmediate(() => {
    try {
      done(null, work());
    } catch (error) {
      done(error as Error);
    }
  });
};
const makesFile = (flags: unknown) =>
  typeof flags === 'number' ? (flags & fs.constants.O_CREAT) !== 0 : /[wa]/.test(String(flags));

function wrapWrite(file: number, bytes: Uint8Array, offset: number, _length: number, at: number, done: Done): void {
  later(done, () => writeUntilFault({ file, bytes, offset, at }));
}
Object.assign(wrapWrite, {
  [promisify.custom]: async (file: number, bytes: Uint8Array, offset: number, _length: number, at: number) => ({
    bytesWritten: writeUntilFault({ file, bytes, offset, at }),
  }),
});

Object.assign(fs, {
  write: wrapWrite,
  writeSync: (file: number, bytes: Uint8Array, offset = 0, _length?: number, at: number | null = null) =>
    writeUntilFault({ file, bytes, offset, at }),
  fdatasync: (file: number, done: Done) => later(done, () => syncUntilFault(file, fdatasyncSync)),
  fdatasyncSync: (file: number) => syncUntilFault(file, fdatasyncSync),
  fsyncSync: (file: number) => syncUntilFault(file, fsyncSync),
  open: (path: string, flags: unknown, ...rest: unknown[]) => {
    const done = rest.at(-1) as Done;
    const mode = rest.length > 1 ? (rest[0] as number) : undefined;
    later(done, () => {
      if (makesFile(flags) && !fs.existsSync(path)) throwIf('open', 'ENOSPC');
      return openSync(path, flags as string, mode);
    });
  },
  openSync: (path: string, flags: string, mode?: number) => {
    if (makesFile(flags) && !fs.existsSync(path)) throwIf('open', 'ENOSPC');
    return openSync(path, flags, mode);
  },
  rename: (from: string, to: string, done: Done) =>
    later(done, () => {
      throwIf('rename', 'EIO');
      renameSync(from, to);
    }),
  renameSync: (from: string, to: string) => {
    throwIf('rename', 'EIO');
    renameSync(from, to);
  },
});
syncBuiltinESMExports();
