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
    /** Reports told at once that only wait for the history. */
    unkeptReportsMax: 64,
    /** Pause before what control could not take is told again; it doubles up to the most. */
    againMs: 1_000,
    againMsMax: 30_000,
    spoolBytesMax: 1 << 30,
    /** No read waits longer than the policy lets any be kept [IV.F.1]. */
    spoolMsMax: 30 * 86_400_000,
    spoolSweepMs: 3_600_000,
    /** An engine that dies more often than this within the window is left stopped, and health is red. */
    restartsMax: 20,
    restartWindowMs: 10 * 60_000,
    restartWaitMsMax: 3_000,
    /** Threads of libuv's pool beyond one a camera: decoding, opening, files. The pool has at most 1,024. */
    spareThreads: 24,
    /** Of glibc's malloc; and of V8's young generation, each of its two halves in each thread. */
    mallocArenas: 2,
    mallocMappedBytesMin: 1 << 20,
    semiSpaceMegabytes: 16,
    camerasMax: 1_000,
    /** Engines of one machine; and cameras for which `auto` starts another. */
    processesMax: 16,
    camerasOfOne: 8,
    /** How long an engine may take to settle its frames and hand over its reads when it is asked to stop. */
    drainMsMax: 15_000,
    /** Pause between two status messages; also the longest a scrape lags behind. */
    statusEveryMs: 200,
  },
  bus: {
    connectMsMax: 2_000,
    /** A Redis that does not answer within this is treated as away; reports go to disk. */
    answerMsMax: 1_000,
    pingEveryMs: 500,
    reconnectMsMax: 2_000,
    /** One waiting read of a stream; only for noticing that the program stops. */
    blockMs: 1_000,
    entriesAtOnce: 64,
    /** Reports that control makes durable at the same time. */
    inWorkMax: 256,
    /** Reports remembered so that a repeated one is taken once; the store and the alerts know for longer. */
    recentReports: 20_000,
    statusesKept: 256,
    answersKept: 10_000,
    answersKeptMs: 3_600_000,
    /** An engine that has said nothing for this long is shown as silent. */
    silentMs: 5_000,
  },
  ledger: {
    /** Records waiting for the disk; beyond it an append is refused AUDIT_UNAVAILABLE. */
    waitingMax: 8_192,
    /** Records made durable by one fdatasync. */
    batchMax: 512,
    /** Records between two checkpoints; as many again may come while one is being written, so no more than 1,000 are ever unsigned. */
    checkpointRecordsMax: 500,
    unsignedRecordsMax: 1_000,
    /** Largest write between two fdatasyncs, so also the most that a power loss can tear. */
    batchBytesMax: 4 << 20,
    /** One record's line; a longer one is a bug of its author. */
    lineBytesMax: 256 << 10,
    readBytes: 4 << 20,
    /** Records between two snapshots of the state; so many at most are folded again after a crash. */
    snapshotEveryRecords: 20_000,
  },
  hotList: {
    lineBytesMax: 4096,
    rowsMax: 10_000_000,
    /** Of one file, unpacked. */
    fileBytesMax: 4_294_967_296,
    /** Rejected lines that a report names; all are counted. */
    rejectsListedMax: 100_000,
    /** A list that claims to be compiled later than this from now is refused. */
    futureMsMax: 60 * 60_000,
    pullTimeoutMs: 30_000,
    /** A pull that failed is tried again after this. */
    pullAgainMs: 60_000,
    /** How long an import waits for another one to end. */
    lockWaitMs: 60_000,
    /** How often folders, files and Redis are looked at for a new version. */
    lookEveryMs: 500,
  },
  evidence: {
    /** Pictures of one disclosure package, which is made in memory. */
    packageBytesMax: 256 << 20,
  },
  forward: {
    timeoutMs: 10_000,
    retryMs: 1_000,
    retryMsMax: 10 * 60_000,
    /** An alert that could not be told for so long is old news. */
    giveUpMs: 24 * 60 * 60_000,
  },
  cameraView: {
    /** Pictures of cameras that one session is given: a few a second show how a camera stands. */
    everyMs: 300,
    waitMsMax: 3_000,
    /** A look at one camera that lasts is recorded again after this. */
    recordedEveryMs: 60_000,
  },
  alert: {
    unacknowledgedMax: 10_000,
    /** Alerts made durable by one write and one sync. */
    batchMax: 512,
    /** A disk that failed is tried again after this; what waits is held, in its order. */
    writeAgainMs: 500,
    clientBacklogMax: 500,
    /** Events written to one client and not yet taken by its socket. */
    clientBufferedEventsMax: 64,
    /** Streams of one session, e.g. of several tabs. */
    streamsPerSessionMax: 8,
    heartbeatMs: 10_000,
    /** How long a stream may outlive its session; at most 5 s [II.pre]. */
    sessionCheckMs: 2_000,
  },
} as const;

export function checkLimits(): void {
  assert(
    2 * limits.ledger.checkpointRecordsMax <= limits.ledger.unsignedRecordsMax,
    'a ledger that was cut off at any moment is whole to the verifier',
  );
  assert(limits.ingest.framePixelsMax <= limits.ingest.frameSideMax ** 2, 'a largest frame has legal sides');
  assert(
    limits.engine.camerasMax + limits.engine.spareThreads <= 1_024,
    'every camera of an engine has a thread to wait in',
  );
  assert(
    limits.alert.clientBacklogMax < limits.alert.unacknowledgedMax,
    'a client is cut (and resumes) before alerts are refused',
  );
}
