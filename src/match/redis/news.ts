import type { OverlayContent } from '../overlay.js';
import type { RedisSettings } from '../settings.js';
import type { IsSigned, Sign } from '../snapshot/file.js';
import { connectRedis, type RedisClient, redisKeys } from './connection.js';

/** An overlay as it travels: one line of JSON, one line of signature. */
export function sealOverlay(content: OverlayContent, sign: Sign): string {
  const json = JSON.stringify(content);
  return `${json}\n${sign(json)}`;
}

/** @returns the overlay, or `null` for anything that the key did not sign. */
export function openOverlay(text: string, isSigned: IsSigned): OverlayContent | null {
  const end = text.indexOf('\n');
  const json = text.slice(0, end);
  return end > 0 && isSigned(json, text.slice(end + 1)) ? (JSON.parse(json) as OverlayContent) : null;
}

/** Hears at once that something changed; whoever listens looks by itself now and then, so that a lost message costs a moment only. */
export function listenForNews(settings: RedisSettings, heard: () => void): { close(): void } {
  const client: RedisClient = connectRedis(settings, 5000);
  const { news } = redisKeys(settings);
  client.on('ready', () => void client.subscribe(news).catch(() => undefined));
  client.on('message', heard);
  return { close: () => client.disconnect() };
}
