import { signal } from '@preact/signals';
import { perFrame } from './per_frame.js';

/** `live`: heard from within the last seconds. `stale`: the connection is open or opening, but nothing comes. */
export type FeedState = 'connecting' | 'live' | 'stale' | 'refused';

export const feedState = signal<FeedState>('connecting');
/** When something was last heard, by this browser's clock. */
export const heardAtMs = signal(0);
/** Server clock minus this browser's, milliseconds, so that ages are right on a wrong clock. */
export const clockOffsetMs = signal(0);

export interface FeedMessage {
  readonly event: string;
  /** Sequence by which a connection resumes; `null` for events without one. */
  readonly id: number | null;
  readonly data: unknown;
}

interface FeedOptions {
  /** Address for a connection that goes on after a sequence. */
  readonly address: (afterSequence: number) => string;
  readonly events: readonly string[];
  readonly staleAfterMs: number;
  /** All messages since the last animation frame, in order. */
  readonly onMessages: (messages: readonly FeedMessage[]) => void;
  /** Why the server does not let us listen; asked when a connection ends for good. */
  readonly onClosed: () => void;
}

/**
 * The live feed: an EventSource that goes on where it stopped. The browser resumes by `Last-Event-ID` after a short gap; when it gives
 * up (a server that restarted answers with an error once), a new connection is made `after` the last sequence heard. Duplicates are
 * possible at the seam and are removed by whoever keeps the alerts, by sequence.
 */
export function openFeed(afterSequence: number, options: FeedOptions): () => void {
  let position = afterSequence;
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let retryMs = retryFirstMs;
  const batch = perFrame<FeedMessage>(options.onMessages);

  function hear(event: string, message: MessageEvent<string>): void {
    heardAtMs.value = Date.now();
    feedState.value = 'live';
    retryMs = retryFirstMs;
    const id = message.lastEventId === '' ? null : Number(message.lastEventId);
    if (id !== null && id > position) position = id;
    batch({ event, id, data: JSON.parse(message.data) });
  }

  function connect(): void {
    source = new EventSource(options.address(position));
    for (const event of options.events) source.addEventListener(event, (message) => hear(event, message));
    source.onopen = () => {
      heardAtMs.value = Date.now();
      feedState.value = 'live';
    };
    source.onerror = () => {
      feedState.value = feedState.value === 'stale' ? 'stale' : 'connecting';
      if (source?.readyState !== EventSource.CLOSED) return;
      options.onClosed();
      retry = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMostMs, retryMs * 2);
    };
  }

  const watch = setInterval(() => {
    if (feedState.value !== 'refused' && Date.now() - heardAtMs.value > options.staleAfterMs) feedState.value = 'stale';
  }, 1000);
  heardAtMs.value = Date.now();
  feedState.value = 'connecting';
  connect();
  return () => {
    source?.close();
    clearInterval(watch);
    clearTimeout(retry);
  };
}

const retryFirstMs = 500;
const retryMostMs = 10_000;
