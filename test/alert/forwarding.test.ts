import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Alerts } from '../../src/alert/alerts.js';
import { isSignatureRight } from '../../src/alert/forward/message.js';
import { alertSettings } from '../../src/alert/settings.js';
import type { HotListEntry } from '../../src/data/match.js';
import { type AlertForwarding, startAlertForwarding } from '../../src/live/forwarding.js';
import { guardedRequest } from '../../src/net/guarded_request.js';
import { isPrivateAddress } from '../../src/net/private_address.js';
import { systemClock } from '../../src/observe/clock.js';
import { silentLog } from '../../src/observe/log.js';
import { entry, matcherOf, readOf } from '../match/support.js';
import { dayMs, digest, staffedWorld, type World } from '../policy/world.js';
import { unlistedFiles } from '../support/files.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, before, after } = suite('forwarding of alerts');
const folder = mkdtempSync(join(tmpdir(), 'platestream-forward-'));
const secretFile = join(folder, 'secret');
writeFileSync(secretFile, 'an invented secret\n');

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
const got: Got[] = [];
/** Statuses to answer with, one a request; then 200. */
const answers: number[] = [];
let server: Server;
let url = '';
let world: World;
before(async () => {
  world = await staffedWorld();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    got.push({ headers: request.headers, body });
    const status = answers.shift() ?? 200;
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

let runs = 0;

function start(hook: object, dataDir = join(folder, `run-${++runs}`)) {
  const alerts = new Alerts({ file: join(dataDir, 'alerts', 'alerts.jsonl'), clock: systemClock, coolDownMs: 0 });
  const settings = alertSettings.parse({
    hosts: ['127.0.0.1'],
    webhooks: [{ name: 'theirs', url, secretFile, privateAddresses: true, ...hook }],
  });
  const { governance } = world;
  const begin = () => {
    const started = startAlertForwarding({
      ...{ settings, dataDir, alerts, governance, clock: systemClock, log: silentLog, retryMs: 10 },
    });
    assert.ok(started.ok);
    return started.value;
  };
  let reads = 0;
  const alertOn = (wanted: HotListEntry) => {
    const { matcher } = matcherOf([wanted]);
    const [match] = matcher.match(readOf(wanted.plate, 'MA', { id: `read-${++reads}` as never })).matches;
    assert.ok(match);
    return alerts.raise(match);
  };
  return { dataDir, alerts, begin, alertOn };
}

const counted = (forwarding: AlertForwarding) => JSON.stringify(forwarding.scraped().alerts_forwarded_total);
const bodyOf = (one: Got | undefined) => JSON.parse(one?.body ?? 'null');

test('a message is signed, names its alert once, holds no picture, and says "potential"', async () => {
  const { begin, alertOn } = start({});
  const forwarding = begin();
  const from = got.length;
  await alertOn(entry('1ZZZ11'));
  const one = await until('the message', () => got[from]);
  const signature = String(one.headers['platestream-signature']);
  assert.ok(isSignatureRight(signature, one.body, 'an invented secret', Date.now()));
  assert.ok(!isSignatureRight(signature, `${one.body} `, 'an invented secret', Date.now()));
  assert.ok(!isSignatureRight(signature, one.body, 'another', Date.now()));
  assert.ok(!isSignatureRight(signature, one.body, 'an invented secret', Date.now() + 3_600_000), 'a recording');
  assert.equal(one.headers['idempotency-key'], 'alert-1-theirs');
  const body = bodyOf(one);
  assert.deepEqual([body.potential, body.entry.plate, body.match.stateAgreement], [true, '1ZZZ11', 'agree']);
  assert.ok(!one.body.includes('evidence') && !one.body.includes('Sha256'));
  await until('delivered', () => counted(forwarding).includes('delivered'));
  await forwarding.close();
});

test('OpenALPR receivers get what they know: alpr_alert with its group', async () => {
  const { begin, alertOn } = start({ format: 'openalpr' });
  const forwarding = begin();
  const from = got.length;
  await alertOn(entry('1ZZZ11'));
  const body = bodyOf(await until('the message', () => got[from]));
  assert.deepEqual([body.data_type, body.plate_number, body.alert_list], ['alpr_alert', '1ZZZ11', 'stolen_vehicle']);
  const { group } = body;
  assert.deepEqual([group.data_type, group.best_plate_number, group.best_confidence], ['alpr_group', '1ZZZ11', 90]);
  await forwarding.close();
});

test('failures are tried again with the same key; a refusal and a redirect are not', async () => {
  const { begin, alertOn } = start({});
  const forwarding = begin();
  const from = got.length;
  answers.push(503, 429, 500);
  await alertOn(entry('1ZZZ11'));
  await until('four attempts', () => got.length === from + 4);
  assert.equal(new Set(got.slice(from).map(({ headers }) => headers['idempotency-key'])).size, 1);
  await until('delivered', () => counted(forwarding).includes('"delivered"},"value":1'));
  answers.push(403, 302);
  await alertOn(entry('2YYY22'));
  await until('one refused', () => counted(forwarding).includes('"refused"},"value":1'));
  await alertOn(entry('3XXX33'));
  await until('another refused', () => counted(forwarding).includes('"refused"},"value":2'));
  assert.equal(got.length, from + 6);
  await forwarding.close();
});

test('what was not delivered survives a restart, and is forgotten on disk once it is; its file is in the inventory [III.F]', async () => {
  const { dataDir, begin, alertOn } = start({});
  answers.push(...Array(50).fill(503));
  const first = begin();
  await alertOn(entry('7WAITS7'));
  await until('an attempt', () => counted(first).includes('retried'));
  await first.close();
  await alertOn(entry('8LATER8'));
  answers.length = 0;
  const from = got.length;
  const second = begin();
  await until('both messages', () => {
    const keys = got.slice(from).map(({ headers }) => headers['idempotency-key']);
    return keys.includes('alert-1-theirs') && keys.includes('alert-2-theirs');
  });
  await until('nothing due', () => second.scraped().alerts_forward_due === 0);
  await second.close();
  await begin().close();
  const outbox = readFileSync(join(dataDir, 'alerts', 'outbox.jsonl'), 'utf8');
  assert.ok(!/7WAITS7|8LATER8/.test(outbox));
  assert.deepEqual(unlistedFiles(dataDir), []);
});

test('another agency hears only of entries it asked for, under a live agreement, on record; we are alerted in any case [IV.A.7.b] [IV.D.2]', async () => {
  const agency = 'invented-pd';
  await world.did('chief', 'agency.register', { agencyId: agency, name: 'Invented PD', kind: 'agency' });
  const content = {
    plate: '5THEIR5',
    state: 'MA',
    category: 'department_hot_list',
    caseNo: '26-0042',
    originAgency: agency,
  };
  const expiresAtMs = world.clock.nowMs() + 20 * dayMs;
  const asked = await world.did('sup', 'entry.create', { ...content, expiresAtMs, why: 'asked for by them' });
  const wanted = asked.id('entry');
  const { alerts, begin, alertOn } = start({ agency });
  const forwarding = begin();
  const from = got.length;
  const manual = (more: Partial<HotListEntry>) =>
    entry('5THEIR5', {
      entryId: wanted,
      category: 'department_hot_list',
      source: 'manual',
      originatingAgency: agency,
      ...more,
    });
  await alertOn(manual({}));
  await alertOn(manual({ originatingAgency: 'agency-other' }));
  assert.equal(alerts.lastSequence(), 2);
  await until('refused on record', () => refusals() > 0);
  assert.equal(got.length, from, 'no agreement, no message');
  const fromMs = world.clock.nowMs();
  const mou = { agencyId: agency, documentSha256: digest('f'), scope: ['alerts'], fromMs, toMs: fromMs + dayMs };
  await world.did('chief', 'mou.record', mou);
  await alertOn(manual({}));
  const one = await until('the message', () => got[from]);
  assert.equal(bodyOf(one).entry.id, wanted);
  world.clock.advance(2 * dayMs);
  const before = refusals();
  await alertOn(manual({}));
  await until('lapsed: refused on record', () => refusals() > before);
  assert.equal(got.length, from + 1);
  await forwarding.close();

  function refusals(): number {
    let count = 0;
    world.ledger.replay(1, ({ action, decision }) => {
      if (action === 'alert.forward' && decision === 'refuse') count += 1;
      return undefined;
    });
    return count;
  }
});

test('private and reserved addresses are refused in every disguise; so is a name that turns into one', async () => {
  const disguises = [
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
  ];
  const six = ['::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', 'ff02::1', 'not an address'];
  for (const address of [...disguises, ...six]) assert.ok(isPrivateAddress(address), address);
  for (const address of ['93.184.216.34', '2606:2800:220:1::1', '172.32.0.1'])
    assert.ok(!isPrivateAddress(address), address);

  const ask = (asked: string, more: object = {}) =>
    guardedRequest({ url: asked, method: 'GET', headers: {}, privateAddresses: false, timeoutMs: 2000, ...more });
  for (const [asked, why] of [
    ['https://127.0.0.1/', /private/],
    ['https://[::1]/', /private/],
    ['https://0x7f000001/', /private/],
    ['https://2130706433/', /private/],
    ['http://example.org/', /only https/],
    ['https://user:secret@example.org/', /credentials/],
    ['file:///etc/passwd', /only https/],
    ['nonsense', /not an address/],
    ['https://localhost/', /private/],
  ] as const) {
    const answer = await ask(asked);
    assert.ok(!answer.ok && why.test(answer.error), `${asked}: ${answer.ok || answer.error}`);
  }
  let lookups = 0;
  const rebinding: LookupFunction = (_host, _options, done) => {
    lookups += 1;
    done(null, [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ] as never);
  };
  const answer = await ask('https://rebinding.example/', { lookup: rebinding });
  assert.deepEqual([answer.ok, lookups], [false, 1]);
  assert.match(answer.ok ? '' : answer.error, /private/);
});

test('a webhook whose host is not listed, or whose secret is not there, keeps the program from starting', () => {
  const hook = { name: 'x', url: 'https://alerts.example.org/', secretFile };
  assert.ok(!alertSettings.safeParse({ webhooks: [hook] }).success);
  assert.ok(alertSettings.safeParse({ hosts: ['alerts.example.org'], webhooks: [hook] }).success);
  const { alerts } = start({});
  const settings = alertSettings.parse({
    hosts: ['a.example'],
    webhooks: [{ ...hook, url: 'https://a.example/', secretFile: '/none' }],
  });
  const started = startAlertForwarding({
    ...{ settings, dataDir: folder, alerts, governance: world.governance, clock: systemClock, log: silentLog },
  });
  assert.match(started.ok ? '' : started.error, /alerts\.webhooks: \/none cannot be read/);
});
