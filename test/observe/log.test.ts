import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { createLog } from '../../src/observe/log.js';
import { RateLimit } from '../../src/observe/rate_limit.js';
import { packagePath } from '../../src/package_root.js';
import { filesBelow } from '../support/files.js';
import { suite } from '../support/suite.js';

const { test } = suite('log');

function logged(work: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  work(createLog('debug', 'test', { write: (line: string) => void lines.push(line) }));
  return lines;
}

test('plates, credentials and addresses with passwords never reach a line, wherever they stand', () => {
  const lines = logged((log) => {
    log.info({ plate: '7KDX48', camera: 'north' }, 'read made');
    log.info({ read: { plate: '7KDX48', alternatives: ['7KDX48'] } }, 'read made');
    log.info({ match: { read: { plate: '7KDX48' }, matchedText: '7KDX48' } }, 'match made');
    log.warn({ password: '7KDX48', token: '7KDX48', authorization: '7KDX48' }, 'sign-in failed');
    log.warn({ reason: 'cannot open rtsp://admin:7KDX48@192.0.2.1:554/live' }, 'camera lost');
    log.error({ url: 'rtsp://admin:7KDX48@192.0.2.1/live' }, 'camera lost');
  });
  assert.equal(lines.length, 6);
  for (const line of lines) assert.ok(!line.includes('7KDX48'), line);
  assert.ok(lines[4]?.includes('rtsp://192.0.2.1:554/live'), 'the host stays, to find the camera');
});

test('the same event at a gallop is limited, others are not; nothing is left out silently', () => {
  const lines = logged((log) => {
    for (let i = 0; i < 1000; i++) log.warn({ i }, 'frame failed');
    log.warn({}, 'camera lost');
  });
  assert.ok(lines.length < 50, String(lines.length));
  assert.match(lines.at(-1) ?? '', /camera lost/);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat({ max: 400 }))), (events) => {
      const limit = new RateLimit(3, 1000);
      let nowMs = 0;
      const told = { a: 0, b: 0 };
      for (const [kind, laterMs] of events as ['a' | 'b', number][]) {
        nowMs += laterMs;
        const { allowed, leftOut } = limit.ask(kind, nowMs);
        told[kind] += (allowed ? 1 : 0) + leftOut;
      }
      for (const kind of ['a', 'b'] as const) {
        const { allowed, leftOut } = limit.ask(kind, nowMs + 1000);
        assert.ok(allowed);
        assert.equal(told[kind] + leftOut, events.filter(([one]) => one === kind).length);
      }
    }),
  );
});

const call = /\blog\??\.(?:debug|info|warn|error)\(/g;
const event = /\blog\??\.(?:debug|info|warn|error)\([^;]*?,\s*'([^']+)',?\s*\)/g;
/** The verbs of events; a new one is a conscious step. */
const verbs =
  'abandoned changed damaged delayed died differed errored failed forwarded imported joined loaded missed recorded refused rejected ' +
  'removed retried sent started stopped written accepted';
const nounAndVerb = new RegExp(`^[a-z]+( [a-z]+)*? (not )?(${verbs.replaceAll(' ', '|')})$`);

/** Log calls of a file, and the events that could be read out of them. */
function loggedBy(file: string): { calls: number; events: string[] } {
  const source = readFileSync(join(packagePath('src'), file), 'utf8');
  return {
    calls: [...source.matchAll(call)].length,
    events: [...source.matchAll(event)].map((found) => found[1] ?? ''),
  };
}

test('every event in the code is a noun and a past-tense verb, in plain words: never a template with values in it', () => {
  const files = filesBelow(packagePath('src'), '.ts').filter((file) => !file.startsWith('console/'));
  let seen = 0;
  for (const file of files) {
    const { calls, events } = loggedBy(file);
    assert.equal(events.length, calls, `${file}: a log call whose event is no literal`);
    for (const one of events) assert.match(one, nounAndVerb, `${file}: "${one}"`);
    seen += calls;
  }
  assert.ok(seen > 30, `only ${seen} log calls were found`);
});
