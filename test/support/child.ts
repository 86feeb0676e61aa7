import { pathToFileURL } from 'node:url';
import { runSuites } from './suite.js';

/** One test file in a process of its own: load, run, report over IPC, then end by itself (a leaked handle is a failure). */
(globalThis as { UVU_DEFER?: number }).UVU_DEFER = 1;
const file = process.argv[2];
if (file === undefined) throw new Error('usage: child.js TEST_FILE');
await import(pathToFileURL(file).href);
await runSuites();
process.send?.({ kind: 'done' });
process.disconnect?.();
