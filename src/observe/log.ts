import { type Logger, pino } from 'pino';
import { RateLimit } from './rate_limit.js';

/** An event = noun + past-tense verb, with fields; never a plate, a URL with credentials, a password or a name. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Field names that never reach a log line: at the root and two levels down (`match.read.plate`). */
const secret = [
  'plate',
  'plates',
  'text',
  'matchedText',
  'alternatives',
  'url',
  'password',
  'token',
  'secret',
  'seed',
  'authorization',
  'cookie',
];

/** The same event more often than this in a window is left out, and counted in the next line of its kind. */
const sameEventMax = 20;
const windowMs = 10_000;

/** JSON lines on stderr, so that stdout stays free for results. */
export function createLog(level: LogLevel, part: string, to: pino.DestinationStream = stderr()): Log {
  const limit = new RateLimit(sameEventMax, windowMs);
  return pino(
    {
      level,
      base: { part },
      redact: { paths: secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withoutCredentials },
      hooks: {
        logMethod(args, method) {
          const [fields, event] = args as [unknown, unknown];
          const { allowed, leftOut } = limit.ask(String(event ?? fields), performance.now());
          if (!allowed) return;
          if (leftOut > 0 && typeof fields === 'object') method.apply(this, [{ ...fields, leftOut }, String(event)]);
          else method.apply(this, args);
        },
      },
    },
    to,
  );
}

function stderr(): pino.DestinationStream {
  return pino.destination({ dest: 2, sync: true });
}

/** Error messages of libraries quote addresses: what stands before the `@` goes, host and path stay. */
function withoutCredentials(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/gi, '$1') : value,
    ]),
  );
}

export const silentLog: Log = pino({ level: 'silent' });
