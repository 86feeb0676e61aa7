import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { totpCode } from '../../src/policy/accounts/totp.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { ApiClient, eventsOf } from '../support/api_client.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('a fresh system');
const program = packagePath('bin', 'platestream.js');
const folder = mkdtempSync(join(tmpdir(), 'platestream-first-'));
const passwords = (userId: string) => `seven lanterns and ${userId} owls`;
const digest = (text: string) => hash('sha256', text, 'hex');
const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

/** The people of an invented department, as the test plays them, each with an authenticator of their own. */
class People {
  readonly #address: string;
  readonly #secrets = new Map<string, string>();
  readonly #usedStep = new Map<string, number>();

  constructor(address: string) {
    this.#address = address;
  }

  stranger(): ApiClient {
    return ApiClient.at(this.#address);
  }

  enrolled(userId: string, reply: { status: number; body: Record<string, unknown> }): void {
    assert.ok(reply.status === 200 || reply.status === 201, JSON.stringify(reply.body));
    this.#secrets.set(userId, String(reply.body['totpSecret']));
  }

  /** A code is good once; the next half-minute's is accepted a little early, so nobody has to wait. */
  code(userId: string): string {
    const now = Math.floor(Date.now() / 30_000);
    const step = Math.max(now - 1, (this.#usedStep.get(userId) ?? 0) + 1);
    assert.ok(step <= now + 1, 'three codes within a minute');
    this.#usedStep.set(userId, step);
    return totpCode(this.#secrets.get(userId) ?? '', step * 30_000);
  }

  async signIn(userId: string): Promise<ApiClient> {
    const client = this.stranger();
    const { status, body } = await client.signIn(userId, passwords(userId), this.code(userId));
    assert.equal(status, 201, `${userId}: ${JSON.stringify(body)}`);
    return client;
  }

  async enrol(userId: string, made: Record<string, unknown>): Promise<void> {
    const { token } = made['enrolment'] as { token: string };
    this.enrolled(userId, await this.stranger().post('/api/enrol', { userId, token, password: passwords(userId) }));
  }
}

function startServe(config: object): { child: ChildProcess; said: () => string } {
  const file = join(folder, 'platestream.yaml');
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(process.execPath, [program, 'serve', '--config', file, '--json']);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  closing.push(() => child.kill('SIGKILL'));
  return { child, said: () => output };
}

test('from the one-time token on the console to a trained operator who verifies an alert, and an auditor who sees it all [II.E] [III.C] [III.D] [IV.A.2] [IV.B.1.a(9)] [IV.E.1] [IV.C.6.b]', async () => {
  const simulator = await startRtspServer({ clips: [packagePath('assets', 'clips', 'demo-day.mp4')], cameras: 1 });
  closing.push(() => simulator.close());
  const dataDir = join(folder, 'data');
  const { child, said } = startServe({
    dataDir,
    log: 'warn',
    server: { port: 0 },
    alerts: { canaryEverySeconds: 0 },
    hotList: { file: writeHotList() },
    cameras: [{ id: 'elm-street', url: simulator.urls[0] }],
  });
  const address = await until('the address', () => /listening on (http:\S+)/.exec(said())?.[1]);
  const token = await until('the token', () => /^ {2}([\w-]{43})$/m.exec(said())?.[1]);
  const people = new People(address);
  const stranger = people.stranger();
  assert.equal((await stranger.get('/api/banner')).body['needsFirstAdministrator'], true);
  assert.equal((await stranger.get('/api/views/cameras')).status, 401);

  // The first administrator, by the token, once.
  const chiefIs = { userId: 'chief', name: 'Chief of an invented place', password: passwords('chief') };
  assert.equal((await stranger.post('/api/first', { ...chiefIs, token: 'x'.repeat(43) })).status, 401);
  people.enrolled('chief', await stranger.post('/api/first', { ...chiefIs, token }));
  assert.equal((await stranger.post('/api/first', { ...chiefIs, userId: 'eve', token })).status, 401);
  const chief = await people.signIn('chief');
  assert.equal((await chief.get('/api/views/users')).body['code'], 'PROFILE_REQUIRED');
  await chief.did('profile.set', { categories: [] });

  // Users, each with a designation and an own password and authenticator.
  const roles = { tech: 'technician', op: 'operator', sup: 'supervisor', aud: 'auditor', rec: 'records' };
  for (const [userId, role] of Object.entries(roles)) {
    const made = await chief.did('user.create', { userId, name: `Invented ${role}` });
    await chief.did('designation.grant', { userId, role, scope: 'the whole system' });
    await people.enrol(userId, made);
  }
  const tech = await people.signIn('tech');
  await tech.did('profile.set', { categories: [] });
  const operator = await people.signIn('op');
  const categories = ['stolen_vehicle', 'stolen_plate', 'warrant', 'missing_person', 'amber_alert', 'missing_child'];
  assert.equal(
    (await operator.post('/api/actions/profile.set', { categories: ['immigration'] })).body['code'],
    'CATEGORY_PROHIBITED',
  );
  await operator.did('profile.set', { categories });
  assert.equal((await operator.get('/api/views/alerts')).body['code'], 'TRAINING_MISSING', 'not before the training');

  // Training: two courses, a session each with its attendance, certificates.
  for (const kind of ['alpr', 'cjis_security']) {
    const materialsSha256 = digest(`course ${kind}`);
    const modules = kind === 'alpr' ? ['operation', 'data_security', 'policy'] : [];
    await tech.did('training.approve_course', { kind, title: kind, materialsSha256, modules });
    const attendees = ['op', 'sup', 'chief'];
    const session = await tech.did('training.record_session', {
      courseHash: materialsSha256,
      attendees,
      attendanceSha256: digest('the signed list'),
      heldAtMs: Date.now(),
    });
    for (const userId of attendees)
      await tech.did('training.certify', {
        userId,
        sessionId: session.id,
        score: 92,
        certificateSha256: digest(userId),
      });
  }
  assert.equal((await operator.get('/api/views/alerts')).status, 200);

  // A camera: configured, but not one frame of it is decoded before deployment, approval and check.
  const cameraOf = async () => ((await tech.get('/api/views/cameras')).body['items'] as CameraItem[])[0] as CameraItem;
  await until('the engine', async () => (await cameraOf()).live?.state === 'out_of_service');
  assert.equal((await cameraOf()).refusal?.code, 'CAMERA_NOT_AUTHORIZED');
  assert.equal(simulator.stats().clients, 0, 'nobody has connected to the camera');
  const deployment = await tech.did('deployment.request', {
    kind: 'fixed',
    purpose: 'watch the invented Elm Street for wanted vehicles',
    fromMs: Date.now() - 1_000,
  });
  await chief.did('deployment.approve', { deploymentId: deployment.id });
  const place = { mount: 'pole', latitude: 42.373, longitude: -71.11, deploymentId: deployment.id };
  await tech.did('camera.register', { cameraId: 'elm-street', ...place });
  await chief.did('camera.approve', { cameraId: 'elm-street' });
  assert.equal((await cameraOf()).refusal?.code, 'CAMERA_OUT_OF_SERVICE');
  assert.equal((await cameraOf()).live?.counts.captured, 0);
  await tech.did('camera.check', { cameraId: 'elm-street', passed: true, findings: 'sharp, level, on time' });

  // The operator hears of a potential hit, compares it with the picture, checks its status.
  const stream = await operator.raw('/api/alerts?after=0');
  const { id } = await firstAlert(stream);
  // The alert is told first; its hit follows it.
  const alert = await until('the hit of the alert', async () => {
    const { body } = await operator.get(`/api/alerts/${id}`);
    return typeof body['hitId'] === 'string' ? (body as unknown as AlertItem) : null;
  });
  assert.equal(alert.verification, 'unverified');
  assert.equal(alert.read.plate, null);
  const picture = await operator.raw(alert.images.plate);
  assert.equal(digest2(await picture.arrayBuffer()), alert.images.plateSha256);
  const typed = await operator.post('/api/actions/hit.record_stop', { hitId: alert.hitId });
  assert.deepEqual(
    [typed.status, typed.body['code']],
    [409, 'VERIFICATION_INCOMPLETE'],
    'no stop before it is compared',
  );
  await verify(operator, alert);
  await operator.did('hit.check_status', { hitId: alert.hitId, source: 'cjis', reference: 'TX-1', active: true });
  await operator.did('hit.record_stop', { hitId: alert.hitId });
  await operator.did('hit.close', {
    hitId: alert.hitId,
    disposition: 'acted_on',
    caseNo: '26-0001',
    note: 'stopped on Elm Street',
  });

  // The auditor draws a sample and finds the operator's acts in the ledger; the records unit finds the hold.
  const auditor = await people.signIn('aud');
  await auditor.did('profile.set', { categories: [] });
  const audit = await chief.did('audit.open', { auditor: 'aud' });
  await auditor.did('audit.sample', { auditId: audit.id });
  const sample = await auditor.get(`/api/audits/${audit.id}/sample`);
  assert.ok((sample.body['items'] as unknown[]).length > 10);
  const acts = (await auditor.get('/api/views/ledger.records?actor=op&from=1&limit=500')).body['items'] as {
    action: string;
  }[];
  for (const action of ['session.open', 'alert.deliver', 'access.intent', 'hit.verify', 'hit.record_stop', 'hit.close'])
    assert.ok(
      acts.some((one) => one.action === action),
      action,
    );
  const records = await people.signIn('rec');
  await records.did('profile.set', { categories: [] });
  const holds = (await records.get('/api/views/holds')).body['items'] as { caseNo: string }[];
  assert.ok(holds.some(({ caseNo }) => caseNo === '26-0001'));

  // Suspended by order: the camera is left within five seconds, and nothing more is shown.
  await chief.did('system.suspend', { orderNo: 'CC-1', why: 'an order of the invented council' });
  await until('the camera to be left', async () => (await cameraOf()).live?.state === 'out_of_service');
  assert.equal((await operator.get('/api/views/alerts')).body['code'], 'SYSTEM_SUSPENDED');

  child.kill('SIGTERM');
  await new Promise((resolve) => (child.exitCode === null ? child.once('close', resolve) : resolve(null)));
  assert.equal(child.exitCode, 0, said().slice(-500));
  const verdict = spawnSync(process.execPath, [program, 'ledger', 'verify', dataDir, '--json'], { encoding: 'utf8' });
  assert.equal(verdict.status, 0, verdict.stdout);
  assert.equal((JSON.parse(verdict.stdout) as { unsignedRecords: number }).unsignedRecords, 0);
});

interface CameraItem {
  readonly refusal: { readonly code: string } | null;
  readonly live: { readonly state: string; readonly counts: { readonly captured: number } } | null;
}

interface AlertItem {
  readonly id: string;
  readonly hitId: string;
  readonly category: string;
  readonly createdAtMs: number;
  readonly verification: string;
  readonly read: { readonly plate: string | null };
  readonly images: { readonly plate: string; readonly plateSha256: string };
}

async function firstAlert(stream: Response): Promise<AlertItem> {
  for await (const { event, data } of eventsOf(stream)) if (event === 'alert') return data as unknown as AlertItem;
  throw new Error('the stream ended without an alert');
}

function digest2(bytes: ArrayBuffer): string {
  return hash('sha256', Buffer.from(bytes), 'hex');
}

/** Of the invented plates in the clip, one for each category. */
const wanted = [
  ['KVB4826', 'NY', 'warrant'],
  ['6BF391', 'MA', 'stolen_plate'],
] as const;

function writeHotList(): string {
  const file = join(folder, 'hot-list.csv');
  writeFileSync(file, `plate,state,category\n${wanted.map((row) => row.join(',')).join('\n')}\n`);
  return file;
}

/** Types what the person sees in the picture. */
async function verify(operator: ApiClient, { hitId, category, createdAtMs }: AlertItem): Promise<void> {
  const [typedPlate, pickedState] = wanted.find((row) => row[2] === category) ?? [];
  const seen = { hitId, typedPlate, pickedState, shownAtMs: createdAtMs };
  const early = await operator.post('/api/actions/hit.verify', { ...seen, shownAtMs: Date.now() });
  assert.equal(early.body['code'], 'VERIFICATION_INCOMPLETE', 'nobody compares a plate in no time');
  await until('the person to have looked', async () => {
    const { status, body } = await operator.post('/api/actions/hit.verify', seen);
    assert.ok(status === 200 || body['code'] === 'VERIFICATION_INCOMPLETE', JSON.stringify(body));
    return status === 200;
  });
}
