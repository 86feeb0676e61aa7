import { isBalanced } from '../data/outcome.js';
import { Scrape } from './scrape.js';

/** Looks at `/metrics` again and again. Every look must balance, camera by camera. */
export interface Watch {
  /** The last look. */
  latest(): Scrape;
  looks(): number;
  /** Cameras whose frames did not balance in a look, one entry each time. */
  unbalanced(): readonly string[];
  /** Resolves with whether `met` became true within the time; asked after every look. @throws when the program stops answering. */
  until(met: (scrape: Scrape) => boolean, msMax: number): Promise<boolean>;
  stop(): void;
}

interface Waiting {
  readonly ask: () => void;
  readonly fail: (error: unknown) => void;
}

/** @throws when the first look fails. */
export async function startWatch(address: string, everyMs: number): Promise<Watch> {
  let scrape = await scrapeOf(address);
  let looks = 1;
  let stopped = false;
  let failure: unknown = null;
  const unbalanced = unbalancedIn(scrape);
  const waiting = new Set<Waiting>();

  async function look(): Promise<void> {
    const seen = await scrapeOf(address);
    scrape = seen;
    looks += 1;
    unbalanced.push(...unbalancedIn(seen));
    for (const { ask } of [...waiting]) ask();
  }

  async function lookOn(): Promise<void> {
    while (!stopped) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      if (!stopped) await look();
    }
  }

  lookOn().catch((error: unknown) => {
    failure = error;
    for (const { fail } of [...waiting]) fail(error);
  });
  return {
    latest: () => scrape,
    looks: () => looks,
    unbalanced: () => unbalanced,
    until(met, msMax) {
      if (failure !== null) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        const end = (settle: () => void) => {
          clearTimeout(timer);
          waiting.delete(one);
          settle();
        };
        const one: Waiting = {
          ask: () => met(scrape) && end(() => resolve(true)),
          fail: (error) => end(() => reject(error)),
        };
        const timer = setTimeout(() => end(() => resolve(false)), msMax);
        waiting.add(one);
      });
    },
    stop() {
      stopped = true;
    },
  };
}

/** @throws when nothing answers at this address. */
export async function scrapeOf(address: string): Promise<Scrape> {
  return new Scrape(await (await fetch(`${address}/metrics`)).text());
}

/** Cameras for which captured = in flight + read + empty + dropped + failed does not hold. */
export function unbalancedIn(scrape: Scrape): string[] {
  const cameras = scrape.all('platestream_frames_captured_total').map(({ labels }) => labels['camera'] ?? '');
  return cameras.filter((camera) => {
    const ended = (outcome: string) => scrape.sum('platestream_frames_total', { camera, outcome });
    return !isBalanced({
      captured: scrape.sum('platestream_frames_captured_total', { camera }),
      inFlight: scrape.sum('platestream_frames_in_flight', { camera }),
      read: ended('read'),
      empty: ended('empty'),
      dropped: ended('dropped'),
      failed: ended('failed'),
    });
  });
}
