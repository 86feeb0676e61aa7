import { type Logger, pino } from 'pino';

/** An event = noun + past-tense verb, with fields; never a plate, a URL with credentials, a password or a name. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Field names that never reach a log line, at the root and one level down. */
const secret = [
  'plate',
  'plates',
  'text',
  'alternatives',
  'url',
  'password',
  'token',
  'secret',
  'seed',
  'authorization',
  'cookie',
];

/** JSON lines on stderr, so that stdout stays free for results. */
export function createLog(level: LogLevel, part: string): Log {
  return pino(
    {
      level,
      base: { part },
      redact: { paths: secret.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

export const silentLog: Log = pino({ level: 'silent' });
