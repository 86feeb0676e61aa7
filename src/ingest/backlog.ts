/** Over this time the share of waiting is averaged. */
const shareOverMs = 500;
/** A stream whose reader spends more of its time waiting for the network than this has nothing behind it. */
const keepsUpShare = 0.8;
/** Calls into threads that are remembered, to know what going there and back takes at the moment. */
const callsKept = 16;
/** How fast the shortest delay is forgotten while a reader is never idle, so that clocks may drift: 200 ppm. */
const forgetPerMs = 0.0002;
/** Weight of the newest packet in the usual time from one to the next. */
const everyWeight = 0.1;
/** Timestamps that jump further than this began anew. */
const jumpMs = 10_000;

/** How one packet was read; times on a clock that never goes back. */
export interface PacketRead {
  /** Its own time; `null`: it has none. */
  readonly streamMs: number | null;
  /** How long reading it took. */
  readonly waitedMs: number;
  /** How long the decoder was busy with the packet before, on a thread as well; 0 when it was left out. */
  readonly decodedMs: number;
  readonly nowMs: number;
}

/**
 * How far behind we are in reading a live stream: what of a packet's delay is our own doing, because earlier packets kept us busy or we got
 * no time. A network that delivers late or in bursts is not that, nor is a camera whose clock is wrong: while the reader mostly waits, any
 * delay is the network's. On a starved machine reading takes long as well, and so does decoding: only what is longer than any of the
 * last calls of the decoder is waiting. Packets without a time of their own (JPEG pictures over HTTP) are taken to come as
 * regularly as they did while nothing waited.
 */
export class Backlog {
  readonly #calls = new Float64Array(callsKept);
  #call = 0;
  #baselineMs = Number.POSITIVE_INFINITY;
  #waitingShare = 1;
  #readAtMs: number | null = null;
  #everyMs: number | null = null;
  #madeUpMs = 0;

  /** @returns milliseconds that the packet waited for us */
  lateMs({ streamMs, waitedMs, decodedMs, nowMs }: PacketRead): number {
    this.#calls[this.#call++ % callsKept] = decodedMs;
    const sinceMs = Math.max(1, nowMs - (this.#readAtMs ?? nowMs - waitedMs));
    this.#readAtMs = nowMs;
    this.#learnWaiting(Math.max(0, waitedMs - Math.max(...this.#calls)), sinceMs);
    const delayMs = nowMs - (streamMs ?? this.#makeUp(sinceMs));
    const isOurs = this.#waitingShare <= keepsUpShare && delayMs - this.#baselineMs <= jumpMs;
    this.#baselineMs = isOurs ? Math.min(this.#baselineMs + sinceMs * forgetPerMs, delayMs) : delayMs;
    return delayMs - this.#baselineMs;
  }

  #learnWaiting(waitedMs: number, sinceMs: number): void {
    const weight = Math.min(1, sinceMs / shareOverMs);
    this.#waitingShare += weight * (Math.min(1, waitedMs / sinceMs) - this.#waitingShare);
  }

  /** A time for a packet without one. */
  #makeUp(sinceMs: number): number {
    if (this.#everyMs === null) this.#everyMs = sinceMs;
    else if (this.#waitingShare > keepsUpShare) this.#everyMs += everyWeight * (sinceMs - this.#everyMs);
    this.#madeUpMs += this.#everyMs;
    return this.#madeUpMs;
  }
}
