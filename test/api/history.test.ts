import { strict as assert } from 'node:assert';
import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyPackage } from '../../src/evidence/verify.js';
import { openHistoryService } from '../../src/history/service.js';
import { silentLog } from '../../src/observe/log.js';
import { storeSettings } from '../../src/store/settings.js';
import { openStore, type Store } from '../../src/store/store.js';
import { goodReason, minuteMs, must, shippedPolicy } from '../policy/world.js';
import { payloads, registry, scratchFolder, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment } from './department.js';

const { test, before, after } = suite('searches, cases and audits over HTTP');
const scratch = scratchFolder();
let one: Department;
let store: Store;

before(async () => {
  one = await openDepartment(shippedPolicy, async ({ clock, governance, ledger }) => {
    const settings = storeSettings.parse({ batch: { ageMsMax: 20 } });
    store = must(await openStore(settings, { clock, dataDir: scratch.path, cameraRegistry: registry }));
    const limits = settings.search;
    const parts = {
      governance,
      ledger,
      store,
      limits,
      dataDir: scratch.path,
      configuredCameras: ['north'],
      log: silentLog,
    };
    const service = await openHistoryService(parts);
    return {
      ...service,
      async close() {
        await service.close();
        await store.close();
      },
    };
  });
  const nowMs = one.clock.nowMs();
  await Promise.all([0, 1].map((i) => store.append(someRead(i, 'WX900V', nowMs - (i + 1) * minuteMs))));
  assert.ok(await store.flush(120_000));
});
after(async () => {
  await one.close();
  scratch.remove();
});

const posted = (body: object) => ({
  method: 'POST',
  headers: { 'x-platestream': '1', 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test('a search answers rows, an end and its ledger number; without a reason it is a problem with a clause [IV.A.5] [IV.C.6.a]', async () => {
  const op = await one.signedIn('op');
  const criteria = { kind: 'reads', plate: 'WX900V' };
  const { status, body, response } = await op.post('/api/searches', { reason: goodReason, criteria });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal((body['rows'] as unknown[]).length, 2);
  assert.equal((body['end'] as { complete: boolean }).complete, true);
  assert.equal(response.headers.get('x-platestream-sequence'), String(body['sequence']));
  const refused = await op.post('/api/searches', { reason: { ...goodReason, facts: 'test' }, criteria });
  assert.deepEqual(
    [refused.status, refused.body['code'], refused.body['clause']],
    [422, 'REASON_INSUFFICIENT', 'IV.A.1'],
  );
});

test('a search that needs agreement says what is to be agreed to, waits in the list, and runs when agreed [IV.A.5]', async () => {
  const op = await one.signedIn('op');
  const nowMs = one.clock.nowMs();
  const criteria = { kind: 'reads', fromMs: nowMs - 60 * minuteMs, toMs: nowMs };
  const refused = await op.post('/api/searches', { reason: goodReason, criteria });
  assert.deepEqual([refused.status, refused.body['code']], [403, 'EXCEPTION_REQUIRED']);
  const { access, sequence } = refused.body['cosign'] as { access: unknown; sequence: number };
  const sup = await one.signedIn('sup');
  const waiting = await sup.get('/api/views/cosigns');
  assert.equal((waiting.body['items'] as { sequence: number }[])[0]?.sequence, sequence);
  const agreed = await sup.post('/api/actions/search.cosign', { forUser: 'op', access, why: 'cars at the scene' });
  assert.equal(agreed.status, 200, JSON.stringify(agreed.body));
  const again = await op.post('/api/searches', { reason: goodReason, cosigned: sequence });
  assert.equal((again.body['rows'] as unknown[]).length, 2, JSON.stringify(again.body));
});

test('a case is preserved, read, disclosed with proof, and the package is whole elsewhere [IV.F.2] [IV.D.3]', async () => {
  const caseNo = '26-0042';
  const op = await one.signedIn('op');
  const kept = await op.post('/api/cases/preserve', { caseNo, readIds: ['boot-north-0', 'nowhere-1'], why: 'seen' });
  assert.deepEqual([kept.status, kept.body['preserved'], kept.body['missing']], [200, 1, ['nowhere-1']]);
  const read = await op.post('/api/cases/read', { reason: goodReason, caseNo });
  assert.equal((read.body['rows'] as unknown[]).length, 1, JSON.stringify(read.body));
  const rec = await one.signedIn('rec');
  const order = {
    caseNo,
    kind: 'da_discovery',
    recipient: 'District Attorney',
    purpose: 'discovery',
    docketNo: '26-1',
  };
  const unknown = await rec.post('/api/disclosures', { ...order, caseNo: '26-0999' });
  assert.deepEqual([unknown.status, unknown.body['code']], [404, 'NOT_FOUND'], JSON.stringify(unknown.body));
  const sent = await rec.raw('/api/disclosures', posted(order));
  assert.equal(sent.status, 200);
  const zip = Buffer.from(await sent.arrayBuffer());
  const file = join(scratch.path, 'handed-over.zip');
  writeFileSync(file, zip);
  const verdict = verifyPackage(file, one.ledger.publicPem);
  assert.ok(verdict.ok, verdict.firstBad?.sentence);
  assert.deepEqual([verdict.caseNo, verdict.reads, verdict.images], [caseNo, 1, 2]);
});

test('an export is a whole file with its digest beforehand [IV.F.2]', async () => {
  const op = await one.signedIn('op');
  const asked = { reason: goodReason, criteria: { kind: 'reads', plate: 'WX900V' }, format: 'jsonl' };
  const answer = await op.raw('/api/exports', posted(asked));
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.headers.get('x-platestream-sha256'), hash('sha256', bytes, 'hex'));
  assert.equal(bytes.toString().trimEnd().split('\n').length, 3);
});

test('a payload in any field of searches, pictures, exports, cases and disclosures shows nothing, and the next answer is as before [T4] [IV.C.6.a]', async () => {
  const op = await one.signedIn('op');
  const rec = await one.signedIn('rec');
  const criteria = { kind: 'reads', plate: 'WX900V' };
  const reason = goodReason;
  const seen = {
    readId: 'boot-north-0',
    capturedAtMs: one.clock.nowMs() - minuteMs,
    plate: 'WX900V',
    which: 'vehicle',
  };
  for (const payload of payloads) {
    const asked: [typeof op, string, object][] = [
      ...['readId', 'capturedAtMs', 'plate', 'which'].map((field): [typeof op, string, object] => [
        op,
        '/api/reads/image',
        { reason, ...seen, [field]: payload },
      ]),
      ...['plate', 'wildcard', 'state', 'order', 'cursor'].map((field): [typeof op, string, object] => [
        op,
        '/api/exports',
        {
          reason,
          criteria: { ...(field === 'wildcard' ? { kind: 'reads' } : criteria), [field]: payload },
          format: 'csv',
        },
      ]),
      ...['kind', 'plate', 'state', 'order', 'cameras', 'fromMs', 'pageRows', payload].map(
        (field): [typeof op, string, object] => [
          op,
          '/api/searches',
          { reason, criteria: { ...criteria, [field]: payload } },
        ],
      ),
      [op, '/api/searches', { reason: payload, criteria }],
      [op, '/api/searches', { reason: { ...reason, basis: payload }, criteria }],
      [op, '/api/searches', { reason, cosigned: payload }],
      [op, '/api/searches', { reason, criteria, onBehalfOf: { agencyId: payload, requestor: payload } }],
      [op, '/api/exports', { reason, criteria, format: payload }],
      [op, '/api/exports', { reason, criteria, format: 'csv', rows: payload }],
      [op, '/api/cases/preserve', { caseNo: payload, readIds: ['boot-north-0'], why: 'seen' }],
      [op, '/api/cases/read', { reason, caseNo: payload }],
      [op, '/api/cases/image', { reason, caseNo: payload, readId: payload, which: 'vehicle' }],
      [op, '/api/cases/image', { reason, caseNo: '26-0042', readId: payload, which: 'vehicle' }],
      [rec, '/api/cases/dispose', { caseNo: payload }],
      [
        rec,
        '/api/disclosures',
        { caseNo: payload, kind: 'da_discovery', recipient: payload, purpose: payload, docketNo: payload },
      ],
    ];
    for (const [who, path, body] of asked) {
      const answer = await who.raw(path, posted(body));
      const text = await answer.text();
      assert.ok(
        answer.status >= 400 && answer.status < 500,
        `${path} ${JSON.stringify(body)}: ${answer.status} ${text}`,
      );
      assert.doesNotMatch(text, /DB::Exception|ClickHouse|SELECT|root:/);
    }
    const preserved = await op.post('/api/cases/preserve', { caseNo: '26-0043', readIds: [payload], why: 'seen' });
    assert.ok(preserved.status >= 400 || preserved.body['preserved'] === 0, JSON.stringify(preserved.body));
  }
  const still = await op.raw('/api/exports', posted({ reason, criteria, format: 'jsonl' }));
  assert.equal([still.status, still.headers.get('x-platestream-rows')].join(' '), '200 2');
});

test('an auditor sees who looked at a plate, and is recorded too; an operator does not see it [IV.C.6.b] [IV.C.6.a]', async () => {
  const aud = await one.signedIn('aud');
  const sizeBefore = one.ledger.size;
  const { status, body } = await aud.get('/api/views/audit.looks?plate=wx-900v');
  assert.equal(status, 200, JSON.stringify(body));
  const items = body['items'] as { userId: string; outcome: { rows: number } | null }[];
  assert.ok(items.some((item) => item.userId === 'op' && item.outcome?.rows === 2));
  assert.ok(one.ledger.size > sizeBefore);
  const projection = await aud.get('/api/audit/projection');
  assert.equal(projection.body['whole'], true);
  const op = await one.signedIn('op');
  assert.equal((await op.get('/api/views/audit.looks?plate=WX900V')).status, 403);
});

test('the packet of the annual review counts what was done here, for whom the policy names; its report says neither plate nor person [IV.G.1] [II.C]', async () => {
  const asked = new Map<string, number>();
  const refused = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const aud = await one.signedIn('aud');
  const { status, body } = await aud.get('/api/views/report?year=2026');
  assert.equal(status, 200, JSON.stringify(body));
  one.ledger.replay(1, ({ action, decision, code, request }) => {
    if (action === 'access.intent') add(asked, (request as { asked: string }).asked);
    if (decision === 'refuse' && code !== undefined) add(refused, code);
    return true;
  });
  const report = body['report'] as Record<string, unknown>;
  assert.ok((asked.get('reads.search') ?? 0) >= 2 && (asked.get('reads.export') ?? 0) >= 2);
  assert.deepEqual(
    [report['searches'], report['exports'], report['images']],
    [asked.get('reads.search'), asked.get('reads.export'), asked.get('reads.image') ?? 0],
  );
  assert.deepEqual(report['refusals'], Object.fromEntries(refused));
  assert.deepEqual(report['disclosures'], { da_discovery: 1 });
  const text = JSON.stringify(report);
  assert.doesNotMatch(text, /WX900V/i);
  for (const userId of one.governance.state().users.keys()) assert.ok(!text.includes(`"${userId}"`), userId);
  const duties = body['duties'] as { clause: string }[];
  assert.ok(
    duties.some(({ clause }) => clause === 'IV.B.1.a(1)'),
    'what is late is in the packet',
  );
  const before = (await aud.get('/api/views/report?year=2025')).body['report'] as Record<string, unknown>;
  assert.deepEqual([before['searches'], before['refusals']], [0, {}]);
  for (const year of ['26', '20260', 'all', '-2026', '%00'])
    assert.equal((await aud.get(`/api/views/report?year=${year}`)).status, 422, year);
  const op = await one.signedIn('op');
  const turnedAway = await op.get('/api/views/report?year=2026');
  assert.deepEqual([turnedAway.status, turnedAway.body['clause']], [403, 'II.C']);
});
