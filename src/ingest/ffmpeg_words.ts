import { AV_LOG_QUIET } from 'node-av/constants';
import { Log as AvLog, FFmpegError } from 'node-av/lib';
import { redacted } from './address.js';

// FFmpeg's own messages name addresses, with credentials; reasons are ours to word.
AvLog.setLevel(AV_LOG_QUIET);

/** FFmpeg's words for an error code, which never hold the address; redacted all the same. */
export function words(code: number): string {
  return redacted(new FFmpegError(code).message).slice(0, 200);
}
