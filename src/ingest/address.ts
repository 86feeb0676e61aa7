import { readFileSync } from 'node:fs';
import { fail, ok, type Result } from '../data/result.js';
import type { CameraSettings } from './settings.js';

/** A network stream is tried again for ever; a file that cannot be opened is not. */
export const isStream = (url: string): boolean => /^(rtsps?|https?):\/\//i.test(url);

export const isRtsp = (url: string): boolean => /^rtsps?:\/\//i.test(url);

/** Takes credentials out of every address in a text; the host and path stay, for people to find the camera. */
export function redacted(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/gi, '$1');
}

/**
 * What FFmpeg is told to open. Credentials enter the address only here, in memory, and it goes nowhere else.
 * @returns one line without credentials when a secret cannot be had.
 */
export function streamAddress(settings: CameraSettings, env: NodeJS.ProcessEnv): Result<string, string> {
  if (!isStream(settings.url) || settings.username === undefined) return ok(settings.url);
  const password = passwordOf(settings, env);
  if (!password.ok) return password;
  const url = new URL(settings.url);
  url.username = encodeURIComponent(settings.username);
  url.password = encodeURIComponent(password.value);
  return ok(url.href);
}

function passwordOf({ passwordFile, passwordEnv }: CameraSettings, env: NodeJS.ProcessEnv): Result<string, string> {
  if (passwordEnv !== undefined) {
    const password = env[passwordEnv];
    return password === undefined
      ? fail(`environment variable ${passwordEnv} (the password) is not set`)
      : ok(password);
  }
  if (passwordFile === undefined) return ok('');
  try {
    return ok(readFileSync(passwordFile, 'utf8').trim());
  } catch (error) {
    return fail(`password file ${passwordFile} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
