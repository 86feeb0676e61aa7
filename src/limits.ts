import { assert } from './data/result.js';

/**
 * Every bound that is not a setting, in one place, grouped by the room that owns it. Relations between them are checked
 * once at start, so a change that breaks one says why.
 */
export const limits = {
  ingest: {
    /** One side of a frame or image; more is refused before it is decoded. */
    frameSideMax: 8192,
    frameSideMin: 32,
    framePixelsMax: 8192 * 4320,
    /** A camera clock further off than this is not believed; our own reception time is used and recorded as such. */
    cameraClockSkewMsMax: 10_000,
    /** What the kernel keeps of a UDP camera while its thread is busy: a large key frame comes as one burst. */
    udpBufferBytes: 1 << 20,
    /** A camera that has played this long is well again: its next failure waits the shortest time. */
    playedWellMs: 10_000,
    clipsOfFolderMax: 10_000,
  },
  engine: {
    /** Reads waiting for control in the engine's memory before they go to the disk spool. */
    unsentReportsMax: 256,
    spoolBytesMax: 1 << 30,
    /** An engine that dies more often than this within the window is left stopped, and health is red. */
    restartsMax: 20,
    restartWindowMs: 10 * 60_000,
    restartWaitMsMax: 3_000,
    /** How long an engine may take to settle its frames and hand over its reads when it is asked to stop. */
    drainMsMax: 15_000,
    /** Pause between two status messages; also the longest a scrape lags behind. */
    statusEveryMs: 200,
  },
  ledger: {
    /** Records waiting for the disk; beyond it an append is refused AUDIT_UNAVAILABLE. */
    waitingMax: 8_192,
    /** Records made durable by one fdatasync. */
    batchMax: 512,
    /** Largest write between two fdatasyncs, so also the most that a power loss can tear. */
    batchBytesMax: 4 << 20,
    /** One record's line; a longer one is a bug of its author. */
    lineBytesMax: 256 << 10,
    readBytes: 4 << 20,
  },
  alert: {
    unacknowledgedMax: 10_000,
    clientBacklogMax: 500,
  },
} as const;

export function checkLimits(): void {
  assert(limits.ingest.framePixelsMax <= limits.ingest.frameSideMax ** 2, 'a largest frame has legal sides');
  assert(
    limits.alert.clientBacklogMax < limits.alert.unacknowledgedMax,
    'a client is cut (and resumes) before alerts are refused',
  );
}
