import type { OverlayContent } from '../overlay.js';
import { packFirst, packRest } from '../plate.js';
import type { RedisSettings } from '../settings.js';
import type { Sealed, Sign } from '../snapshot/file.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { connectRedis, type RedisClient, redisKeys } from './connection.js';
import { sealOverlay } from './news.js';

export type CheckResult = 'agreed' | 'missing' | 'extra' | 'unanswered';

export interface MirrorOptions {
  readonly settings: RedisSettings;
  readonly sign: Sign;
  /** Puts a version into Redis, outside of this thread. @returns why not, or `null`. */
  readonly put: (sealed: Sealed) => Promise<string | null>;
}

const samplePlates = 16;
const momentMs = 300;

/**
 * The copy of the list in Redis, kept right: whatever is missing, foreign or altered there is written again from the signed list.
 * Nothing that Redis says raises or prevents an alert; its answers are compared with the list and counted.
 */
export class RedisMirror {
  readonly #client: RedisClient;
  readonly #options: MirrorOptions;
  readonly #counts: Record<CheckResult, number> = { agreed: 0, missing: 0, extra: 0, unanswered: 0 };
  #sealed: Sealed | null = null;
  #snapshot: Snapshot | null = null;
  #overlay: string | null = null;
  #problem: string | null = 'not connected yet';
  #written = 0;
  #isDoubtful = false;
  #putting: Promise<void> | null = null;

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#client = connectRedis(options.settings);
  }

  version(sealed: Sealed): void {
    this.#sealed = sealed;
    this.#snapshot = new Snapshot(sealed.header, sealed.body);
  }

  overlay(content: OverlayContent): void {
    this.#overlay = sealOverlay(content, this.#options.sign);
  }

  /** Asks Redis for plates that the filter claims, in one round trip; counts where it disagrees with the list. */
  async check(claims: readonly { readonly plate: string; readonly isListed: boolean }[]): Promise<CheckResult[]> {
    const key = redisKeys(this.#options.settings).plates(this.#sealed?.header.version ?? 0);
    const answers = claims.map(({ plate, isListed }) =>
      this.#client.sismember(key, plate).then(
        (found): CheckResult => ((found === 1) === isListed ? 'agreed' : isListed ? 'missing' : 'extra'),
        (): CheckResult => 'unanswered',
      ),
    );
    const results = await Promise.all(answers);
    for (const result of results) {
      this.#counts[result] += 1;
      if (result === 'missing' || result === 'extra') this.#isDoubtful = true;
    }
    return results;
  }

  /** Makes Redis hold what it should; called every moment. */
  async sync(): Promise<void> {
    try {
      await this.#syncOverlay();
      // A whole version takes seconds; what was removed meanwhile must not wait for it.
      this.#putting ??= this.#syncVersion().finally(() => {
        this.#putting = null;
      });
      if (await isDoneSoon(this.#putting)) this.#problem = null;
      else this.#problem = 'a version is being written';
    } catch (error) {
      this.#problem = (error as Error).message;
    }
  }

  async #syncVersion(): Promise<void> {
    const sealed = this.#sealed;
    if (sealed === null || (await this.#isRight(sealed))) return;
    const wrong = await this.#options.put(sealed);
    if (wrong !== null) throw new Error(wrong);
    this.#isDoubtful = false;
    this.#written += 1;
  }

  async #isRight({ header }: Sealed): Promise<boolean> {
    const keys = redisKeys(this.#options.settings);
    const asked = [
      this.#client.get(keys.current),
      this.#client.strlen(keys.head(header.version)),
      this.#client.scard(keys.plates(header.version)),
      this.#client.srandmember(keys.plates(header.version), samplePlates),
    ] as const;
    const [current, headBytes, plates, sample] = await Promise.all(asked).catch((error: Error) => {
      // A key of ours that has another type is not ours.
      if (error.message.startsWith('WRONGTYPE')) return [null, 0, 0, []] as const;
      throw error;
    });
    const isWhole = current === String(header.version) && headBytes > 0 && plates === header.plates;
    return (
      isWhole && !this.#isDoubtful && sample.every((plate) => this.#snapshot?.has(packFirst(plate), packRest(plate)))
    );
  }

  async #syncOverlay(): Promise<void> {
    const { overlay, news } = redisKeys(this.#options.settings);
    if (this.#overlay === null) return;
    const held = await this.#client.get(overlay).catch((error: Error) => {
      if (error.message.startsWith('WRONGTYPE')) return null;
      throw error;
    });
    if (held === this.#overlay) return;
    await this.#client.set(overlay, this.#overlay);
    await this.#client.publish(news, 'overlay');
  }

  /** Why Redis does not hold what it should, or `null`; matching does not depend on it. */
  problem(): string | null {
    return this.#problem;
  }

  scraped() {
    const checks = Object.entries(this.#counts).map(([result, value]) => ({ labels: { result }, value }));
    return {
      hot_list_redis_up: this.#problem === null ? 1 : 0,
      hot_list_redis_checks_total: checks,
      hot_list_redis_writes_total: this.#written,
    };
  }

  close(): void {
    this.#client.disconnect();
  }
}

/** @returns false when the work goes on longer than a moment. */
function isDoneSoon(work: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), momentMs);
    work.then(() => resolve(true), reject).finally(() => clearTimeout(timer));
  });
}
