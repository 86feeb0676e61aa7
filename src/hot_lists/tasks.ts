import { Worker } from 'node:worker_threads';
import { fail, ok, type Result } from '../data/result.js';
import type { ImportReport } from '../match/import/report.js';
import { ListFolder } from '../match/list_folder.js';
import { putVersion, takeVersion } from '../match/redis/copy.js';
import type { RedisSettings } from '../match/settings.js';
import type { Sealed } from '../match/snapshot/file.js';
import { packagePath } from '../package_root.js';
import {
  type ImportJob,
  importFile,
  importStream,
  type ListHome,
  type ListInput,
  loadSealed,
  signedBy,
  unload,
} from './jobs.js';

/** What the worker can be asked, and what it answers. */
interface Tasks {
  import: {
    readonly ask: { readonly job: ImportJob; readonly file: string };
    readonly answer: Result<ImportReport, string>;
  };
  /** The bytes come piece by piece from the asking thread. */
  take_in: {
    readonly ask: { readonly job: ImportJob } & Omit<ListInput, 'input'>;
    readonly answer: Result<ImportReport, string>;
  };
  unload: {
    readonly ask: { readonly home: ListHome; readonly loadable: readonly string[] };
    readonly answer: Result<number, string>;
  };
  /** Puts a version into Redis. */
  put: {
    readonly ask: { readonly redis: RedisSettings; readonly sealed: Sealed };
    readonly answer: Result<number, string>;
  };
  /** Takes one out of it. */
  take: {
    readonly ask: { readonly redis: RedisSettings; readonly version: number; readonly publicPem: string };
    readonly answer: Result<Sealed, string>;
  };
  /** Keeps it on disk. */
  keep: {
    readonly ask: { readonly folder: string; readonly sealed: Sealed };
    readonly answer: Result<number, string>;
  };
  load: {
    readonly ask: { readonly file: string; readonly publicPem: string };
    readonly answer: Result<Sealed, string>;
  };
}
type Kind = keyof Tasks;
export type ListTask = { readonly [K in Kind]: { readonly kind: K } & Tasks[K]['ask'] }[Kind];

/** @param pieces what the asking thread feeds. */
export async function runTask(task: ListTask, pieces: () => AsyncIterable<Uint8Array>): Promise<Tasks[Kind]['answer']> {
  switch (task.kind) {
    case 'import':
      return importFile(task.job, task.file);
    case 'take_in':
      return importStream(task.job, {
        ...task,
        signature: task.signature && Buffer.from(task.signature),
        input: pieces(),
      });
    case 'unload':
      return unload(task.home, task.loadable);
    case 'put':
      return putVersion(task.redis, posted(task.sealed));
    case 'take':
      return takeVersion(task.redis, task.version, signedBy(task.publicPem));
    case 'keep':
      new ListFolder(task.folder).publish(posted(task.sealed));
      return ok(task.sealed.header.version);
    case 'load':
      return loadSealed(task.file, task.publicPem);
  }
}

/** A buffer that was posted to another thread arrives as plain bytes. */
export function posted(sealed: Sealed): Sealed {
  return { ...sealed, head: Buffer.from(sealed.head) };
}

/** The worker asks for one piece at a time, so that no more than that is ever held. */
export const wantsMore = 'more';
export const endOfFeed = 'end';

/** A thread that has loaded its program and waits for its one task: starting one takes a tenth of a second and more. */
let spare: Worker | null = null;

function newThread(): Worker {
  return new Worker(packagePath('dist', 'src', 'hot_lists', 'worker.js'));
}

/** Has a thread ready from now on, so that a new version waits for none. @returns how to end that. */
export function keepThreadReady(): () => Promise<void> {
  keepers += 1;
  readySpare();
  return async () => {
    keepers -= 1;
    if (keepers > 0) return;
    const idle = spare;
    spare = null;
    await idle?.terminate();
  };
}
let keepers = 0;

function readySpare(): void {
  if (keepers === 0 || spare !== null) return;
  const thread = newThread();
  // It holds up no exit, and one that dies while it waits is only a thread that is not ready.
  thread.unref();
  const gone = () => {
    if (spare === thread) spare = null;
  };
  thread.once('error', gone);
  thread.once('exit', gone);
  spare = thread;
}

function takeThread(): Worker {
  const thread = spare ?? newThread();
  spare = null;
  thread.ref();
  return thread;
}

/** Runs a task in a thread of its own. A thread that dies is a failed task, never the end of the process. */
export function inThread<K extends Kind>(
  kind: K,
  ask: Tasks[K]['ask'],
  feed?: AsyncIterable<Uint8Array>,
): Promise<Tasks[K]['answer']> {
  return new Promise<Tasks[K]['answer']>((resolve) => {
    const failed = (why: string) => resolve(fail(why) as Tasks[K]['answer']);
    const worker = takeThread();
    const source = feed?.[Symbol.asyncIterator]();
    const give = async () => {
      const next = await source?.next().catch(() => null);
      // A source that breaks off is not a shorter list.
      if (next === null || next === undefined) void worker.terminate();
      else worker.postMessage(next.done ? endOfFeed : next.value);
    };
    worker.on('message', (message) => (message === wantsMore ? void give() : resolve(message)));
    // Never the message itself: it could hold a line of the file.
    worker.once('error', (error: NodeJS.ErrnoException) => failed(`the import failed (${error.code ?? error.name})`));
    worker.once('exit', () => {
      failed('the import ended without an answer');
      readySpare();
    });
    worker.postMessage({ kind, ...ask });
  });
}
