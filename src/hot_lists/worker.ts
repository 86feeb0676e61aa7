import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { assert } from '../data/result.js';
import { endOfFeed, type ListTask, runTask, wantsMore } from './tasks.js';

/** One task in a thread of its own, then the thread ends: reading, checking and building a list must not hold up a single read. */
const port = parentPort;
assert(port !== null, 'this file is the start of a worker');

async function* pieces(): AsyncIterable<Uint8Array> {
  for (;;) {
    port?.postMessage(wantsMore);
    const [piece] = (await once(port as NonNullable<typeof port>, 'message')) as [Uint8Array | typeof endOfFeed];
    if (piece === endOfFeed) return;
    yield piece;
  }
}

const [task] = (await once(port, 'message')) as [ListTask];
port.postMessage(await runTask(task, pieces));
