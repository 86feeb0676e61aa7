import { existsSync, readFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { startRtspServer } from '../simulator/rtsp/server.js';
import { untilStopped } from './stop_signal.js';
import { usageError, wholeNumber } from './usage.js';

/** `platestream camera-sim FILE...`: plays clips as RTSP cameras until it is stopped. */
export const cameraSimCommand = defineCommand({
  meta: { name: 'camera-sim', description: 'Plays video files as RTSP cameras, for demos, tests and sizing.' },
  args: {
    file: { type: 'positional', description: 'video file (H.264 or H.265); several may be given', required: true },
    cameras: { type: 'string', description: 'number of cameras (default: one a file)' },
    port: { type: 'string', description: 'port to listen on', default: '8554' },
    host: { type: 'string', description: 'address to listen on', default: '127.0.0.1' },
    user: { type: 'string', description: 'user name clients must give (Digest or Basic)' },
    'password-file': { type: 'string', description: 'file that holds the password' },
    seed: { type: 'string', description: 'where in its clip each camera begins (default: spread evenly)' },
    json: { type: 'boolean', description: 'print the addresses as JSON' },
  },
  async run({ args }) {
    const stopped = untilStopped();
    const files = args._.map(String);
    const missing = files.find((file) => !existsSync(file));
    if (missing) return usageError(`${missing}: no such file`);
    const password = args['password-file'] ? readFileSync(args['password-file'], 'utf8').trim() : '';
    const server = await startRtspServer({
      clips: files,
      cameras: args.cameras ? wholeNumber('--cameras', args.cameras, 1, 1000) : files.length,
      port: wholeNumber('--port', args.port, 0, 65535),
      host: args.host,
      ...(args.seed ? { seed: wholeNumber('--seed', args.seed, 0, 2 ** 31) } : {}),
      auth: args.user
        ? { credential: { username: args.user, password }, schemes: ['digest', 'basic'], realm: 'camera-sim' }
        : null,
    }).catch((error: Error) => usageError(error.message));
    process.stdout.write(args.json ? `${JSON.stringify({ urls: server.urls })}\n` : `${server.urls.join('\n')}\n`);
    await stopped;
    await server.close();
  },
});
