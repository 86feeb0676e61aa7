import type { OverlayContent } from '../overlay.js';
import type { RedisSettings } from '../settings.js';
import type { IsSigned } from '../snapshot/file.js';
import { connectRedis, type RedisClient, redisKeys } from './connection.js';
import { listenForNews, openOverlay } from './news.js';

/** What a node that follows another finds in Redis; only what is signed and newer counts. */
export class RedisFollower {
  readonly #client: RedisClient;
  readonly #settings: RedisSettings;
  readonly #isSigned: IsSigned;
  readonly #news: { close(): void };
  #problem: string | null = 'not connected yet';

  constructor(settings: RedisSettings, isSigned: IsSigned, heard: () => void) {
    this.#settings = settings;
    this.#isSigned = isSigned;
    this.#client = connectRedis(settings);
    this.#news = listenForNews(settings, heard);
  }

  /** @returns the version that is in force there, and the overlay when it is newer than ours. */
  async look(overlayVersion: number): Promise<{ version: number | null; overlay: OverlayContent | null }> {
    const keys = redisKeys(this.#settings);
    try {
      const [current, text] = await Promise.all([this.#client.get(keys.current), this.#client.get(keys.overlay)]);
      const overlay = text === null ? null : openOverlay(text, this.#isSigned);
      this.#problem =
        text !== null && overlay === null ? 'the overlay in Redis is not signed by the trusted key' : null;
      const version = /^\d{1,9}$/.test(current ?? '') ? Number(current) : null;
      return { version, overlay: overlay !== null && overlay.version > overlayVersion ? overlay : null };
    } catch (error) {
      this.#problem = (error as Error).message;
      return { version: null, overlay: null };
    }
  }

  problem(): string | null {
    return this.#problem;
  }

  close(): void {
    this.#news.close();
    this.#client.disconnect();
  }
}
