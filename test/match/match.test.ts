import { strict as assert } from 'node:assert';
import { noOverlay, Overlay } from '../../src/match/overlay.js';
import { normalisePlate, normaliseWildcard } from '../../src/match/plate.js';
import { hotListSettings } from '../../src/match/settings.js';
import { suite } from '../support/suite.js';
import { entry, matcherOf, readOf, snapshotOf } from './support.js';

const { test } = suite('matching');
const wanted = [entry('1ZZZ11')];

test('plates are compared without separators or case; a wildcard needs two known characters', () => {
  assert.equal(normalisePlate(' 1abc-23 '), '1ABC23');
  assert.equal(normalisePlate('TOO LONG TO BE A PLATE'), null);
  assert.equal(normalisePlate('<script>'), null);
  assert.deepEqual(['1A?C*', '??1', '*', '1ABC'].map(normaliseWildcard), ['1A?C*', null, null, null]);
});

test('a match says whether the state agrees; a conflict is shown and counts against it [IV.A.8.a(1)]', () => {
  const { matcher } = matcherOf(wanted);
  const agreeing = matcher.match(readOf('1ZZZ11', 'MA')).matches[0];
  const unknown = matcher.match(readOf('1ZZZ11', null)).matches[0];
  const conflicting = matcher.match(readOf('1ZZZ11', 'NY')).matches[0];
  assert.deepEqual(
    [agreeing, unknown, conflicting].map((match) => match?.stateAgreement),
    ['agree', 'unknown', 'conflict'],
  );
  assert.ok((agreeing?.chance ?? 0) > (unknown?.chance ?? 1) && (unknown?.chance ?? 0) > (conflicting?.chance ?? 1));
  assert.deepEqual(matcher.match(readOf('9YYY99', 'MA')).matches, []);
});

test('alternatives are tried by probability; one that is wanted is possible, an unlikely one is suppressed with its reason [III.O]', () => {
  const { matcher } = matcherOf([entry('1ZZZ1W')]);
  const alternatives = (confidence: number) => ({
    alternatives: [
      { text: '1ZZZ1X', confidence: 0.9 - confidence },
      { text: '1ZZZ1W', confidence },
    ],
  });
  const possible = matcher.match(readOf('1ZZZ1X', 'MA', alternatives(0.4)));
  assert.deepEqual([possible.matches[0]?.kind, possible.matches[0]?.matchedText], ['possible', '1ZZZ1W']);
  const unlikely = matcher.match(readOf('1ZZZ1X', 'NY', alternatives(0.1)));
  assert.deepEqual(unlikely.matches, []);
  assert.deepEqual(unlikely.suppressed, [{ reason: 'unlikely', entryId: 'e-1ZZZ1W' }]);
});

test('a character that readers confuse gives a possible match, one only, and only when the setting says so', () => {
  const list = [entry('1ABCO8')];
  const { matcher } = matcherOf(list);
  const one = matcher.match(readOf('1ABC08', 'MA')).matches[0];
  assert.deepEqual([one?.kind, one?.matchedText], ['possible', '1ABCO8']);
  assert.deepEqual(matcher.match(readOf('1ABC0B', 'MA')).matches, []);
  assert.deepEqual(matcherOf(list, { ocrSubstitutions: 0 }).matcher.match(readOf('1ABC08', 'MA')).matches, []);
});

test('what a camera confuses, and what became of its earlier hits, counts', () => {
  const read = readOf('1ABC08', 'MA');
  const chanceAfter = (teach: (matcher: ReturnType<typeof matcherOf>['matcher']) => void, asked = read) => {
    const { matcher } = matcherOf([entry('1ABCO8'), entry('5XYZ55')], { possibleChanceMin: 0 });
    teach(matcher);
    return matcher.match(asked).matches[0]?.chance ?? -1;
  };
  const untaught = chanceAfter(() => {});
  const doubting = {
    alternatives: [
      { text: '0000', confidence: 0.5 },
      { text: '000O', confidence: 0.5 },
    ],
  };
  const taught = chanceAfter((matcher) => {
    for (let i = 0; i < 1000; i++) matcher.confusion.observe(readOf('0000', 'MA', { ...doubting, confidence: 0.5 }));
  });
  assert.ok(taught < untaught, 'a camera that doubts few of its zeros confuses them less than usual');
  const exact = readOf('5XYZ55', 'MA');
  const disproved = chanceAfter((matcher) => {
    for (let i = 0; i < 20; i++) matcher.confusion.verified('c', false);
  }, exact);
  assert.ok(disproved < chanceAfter(() => {}, exact));
});

test('how often the vehicles of a list pass here is a factor on the odds', () => {
  const source = { name: 'test', baseRate: 0.01 };
  const local = matcherOf(wanted).matcher.match(readOf('1ZZZ11', null)).matches[0]?.chance ?? 0;
  const national = matcherOf(wanted, { chanceMin: 0, sources: [source as never] });
  const chance = national.matcher.match(readOf('1ZZZ11', null)).matches[0]?.chance ?? 1;
  const odds = (p: number) => p / (1 - p);
  assert.ok(Math.abs(odds(local) / odds(chance) - 100) < 1e-6);
});

test('an old list is stale on every match and stops matching at its limit [III.M]', () => {
  const { matcher, clock } = matcherOf(wanted);
  clock.advance(24 * 3_600_000);
  assert.equal(matcher.match(readOf('1ZZZ11', 'MA')).matches[0]?.stale, false);
  clock.advance(1);
  assert.equal(matcher.match(readOf('1ZZZ11', 'MA')).matches[0]?.stale, true);
  clock.advance(48 * 3_600_000);
  const late = matcher.match(readOf('1ZZZ11', 'MA'));
  assert.deepEqual([late.matches.length, late.suppressed[0]?.reason], [0, 'list_expired']);
});

test('manual entries match beside the list, with wildcards; one that ended or was removed does not [IV.A.7.a]', () => {
  const { matcher, clock } = matcherOf(wanted);
  const manual = (plate: string, more = {}) =>
    entry(plate, { source: 'manual', category: 'department_hot_list', entryId: `entry-${plate}`, ...more });
  const ended = manual('8OLD88', { expiresAtMs: clock.nowMs() });
  const entries = [manual('7M?N*'), manual('6FIX66'), ended];
  const removed = { 'e-1ZZZ11': clock.nowMs() };
  matcher.useOverlay(new Overlay({ ...noOverlay, version: 1, entries, removed }));
  assert.equal(matcher.match(readOf('7MANY1', 'MA')).matches[0]?.kind, 'wildcard');
  assert.equal(matcher.match(readOf('6FIX66', 'MA')).matches[0]?.entry.source, 'manual');
  assert.equal(matcher.match(readOf('8OLD88', 'MA')).suppressed[0]?.reason, 'entry_expired');
  assert.equal(matcher.match(readOf('1ZZZ11', 'MA')).suppressed[0]?.reason, 'entry_removed');
  matcher.use(snapshotOf(wanted, 2, clock.nowMs() + 1));
  assert.equal(matcher.match(readOf('1ZZZ11', 'MA')).matches.length, 1, 'a later list names it again [IV.A.8.a(2)]');
});

test('a category that may not be used at this moment is silent at once, whatever is loaded [IV.A.3, IV.A.4]', () => {
  const { matcher } = matcherOf(wanted);
  matcher.useOverlay(new Overlay({ ...noOverlay, version: 1, categories: ['warrant'] }));
  assert.equal(matcher.match(readOf('1ZZZ11', 'MA')).suppressed[0]?.reason, 'category_not_allowed');
});

test('a node that follows another imports nothing itself; a source has one place it comes from', () => {
  const redis = { url: 'redis://127.0.0.1:6379' };
  const source = { name: 'city', format: 'csv', path: 'city.csv' };
  for (const [settings, isValid] of [
    [{ redis, followKeyFile: 'key.pem' }, true],
    [{ followKeyFile: 'key.pem' }, false],
    [{ redis, followKeyFile: 'key.pem', sources: [source] }, false],
    [{ sources: [{ ...source, url: 'https://lists.example.org/x' }] }, false],
    [{ sources: [{ ...source, path: undefined, url: 'http://lists.example.org/x' }] }, false],
    [{ redis: { url: 'redis://user:secret@127.0.0.1' } }, false],
  ] as const)
    assert.equal(hotListSettings.safeParse(settings).success, isValid, JSON.stringify(settings));
});
