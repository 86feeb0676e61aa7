/** Milliseconds from the capture of a frame to the alert's bytes at this client, one entry an alert. */
interface AlertTimes {
  /** Of the frame that settled the text: what the program takes. */
  readonly settledMs: readonly number[];
  /** Of the best frame, whose picture the operator sees: it may be older, while later frames only confirmed its text. */
  readonly bestMs: readonly number[];
}

/** A client of the alert feed, as a console is one: reads server-sent events and notes when each alert came. */
export interface AlertClient {
  /** What came since the last call. */
  take(): AlertTimes;
  close(): void;
}

/** @throws when the feed answers with anything but a stream. */
export async function openAlertClient(address: string, headers: Record<string, string> = {}): Promise<AlertClient> {
  const aborted = new AbortController();
  const response = await fetch(`${address}/api/alerts`, { signal: aborted.signal, headers });
  if (!response.ok || !response.body) throw new Error(`the alert feed answered ${response.status}`);
  let settledMs: number[] = [];
  let bestMs: number[] = [];
  void readAlerts(response.body, (read) => {
    const nowMs = Date.now();
    settledMs.push(nowMs - read.lastSeenAtMs);
    bestMs.push(nowMs - read.capturedAtMs);
  }).catch(() => {});
  return {
    take() {
      const times = { settledMs, bestMs };
      settledMs = [];
      bestMs = [];
      return times;
    },
    close: () => aborted.abort(),
  };
}

interface ReadTimes {
  readonly capturedAtMs: number;
  readonly lastSeenAtMs: number;
}

async function readAlerts(body: ReadableStream<Uint8Array>, onAlert: (read: ReadTimes) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const line = event.split('\n').find((one) => one.startsWith('data: '));
      if (line && /^event: alert$/m.test(event)) onAlert((JSON.parse(line.slice(6)) as { read: ReadTimes }).read);
    }
  }
}
