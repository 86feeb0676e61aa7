import { strict as assert } from 'node:assert';
import { suite } from '../support/suite.js';
import { dayMs, staffedWorld, startMs, type World } from './world.js';

const { test, before, after } = suite('cameras and deployments');
let world: World;
before(async () => {
  world = await staffedWorld();
});
after(() => world.close());

const inCity = { latitude: 42.373, longitude: -71.11 };
let numbered = 0;

async function deployed(kind: 'fixed' | 'nontraditional' = 'fixed', toMs: number | null = null): Promise<string> {
  const request = { kind, purpose: 'entrances of the city', fromMs: startMs, toMs };
  return (await world.did('tech', 'deployment.request', request)).id('deployment');
}

async function working(): Promise<string> {
  numbered += 1;
  const cameraId = `elm-${numbered}`;
  const deploymentId = await deployed();
  await world.did('chief', 'deployment.approve', { deploymentId });
  await world.did('tech', 'camera.register', { cameraId, mount: 'pole', ...inCity, deploymentId });
  await world.did('chief', 'camera.approve', { cameraId });
  await world.did('tech', 'camera.check', { cameraId, passed: true, findings: 'sharp and straight' });
  return cameraId;
}
const codeOf = (cameraId: string) => world.governance.cameraRefusal(cameraId)?.code ?? 'in service';

test('only fixed mounts inside the city are registered; mobile ones never [I.p2] [III.H] [IV.A.9.a] [III.K]', async () => {
  const deploymentId = await deployed();
  const camera = { cameraId: 'x-1', mount: 'pole', ...inCity, deploymentId };
  const refusals: string[] = [];
  const changes = [
    { mount: 'mobile' },
    { mount: 'cruiser' },
    { mount: 'kite' },
    { latitude: 41, longitude: -71.1 },
    { latitude: inCity.longitude, longitude: inCity.latitude },
    { latitude: 200 },
    { latitude: Number.NaN },
    { latitude: 42.3731234567 },
    { deploymentId: 'deployment-0' },
  ];
  for (const change of changes) {
    const { code, clause } = await world.refused('tech', 'camera.register', { ...camera, ...change });
    refusals.push(`${code} ${clause}`);
  }
  assert.deepEqual(refusals, [
    'OUTSIDE_JURISDICTION IV.A.9.a',
    'OUTSIDE_JURISDICTION IV.A.9.a',
    'OUTSIDE_JURISDICTION III.H',
    'OUTSIDE_JURISDICTION I.p2',
    'OUTSIDE_JURISDICTION I.p2',
    'INPUT_INVALID I.p2',
    'INPUT_INVALID I.p2',
    'INPUT_INVALID III.K',
    'CAMERA_NOT_AUTHORIZED IV.B.1.a(9)',
  ]);
});

test('one name is one camera, and whoever registered a camera does not approve it [I.p2]', async () => {
  const camera = { cameraId: 'twice', mount: 'pole', ...inCity, deploymentId: await deployed() };
  await world.did('designee', 'designation.grant', { userId: 'chief', role: 'technician', scope: 'leave' });
  await world.did('chief', 'camera.register', camera);
  assert.equal((await world.refused('tech', 'camera.register', camera)).code, 'DUPLICATE_ID');
  assert.equal((await world.refused('chief', 'camera.approve', { cameraId: 'twice' })).code, 'SELF_APPROVAL');
  await world.did('designee', 'camera.approve', { cameraId: 'twice' });
});

test('a baseline follows a passed check [IV.B.2.a(3)]', async () => {
  await world.did('tech', 'camera.register', {
    cameraId: 'unseen',
    mount: 'pole',
    ...inCity,
    deploymentId: await deployed(),
  });
  const baseline = { tiltDegrees: 0, plateHeightPx: 30, confidence: 0.9, sharpness: 1, clockOffsetMs: 0 };
  const set = { cameraId: 'unseen', baseline };
  assert.equal((await world.refused('SYS', 'camera.set_baseline', set)).code, 'WRONG_STATE');
  await world.did('tech', 'camera.check', { cameraId: 'unseen', passed: true, findings: 'straight' });
  await world.did('SYS', 'camera.set_baseline', set);
});

test('a camera without approval, deployment or check is not in service [I.p2] [IV.B.1.a(9)]', async () => {
  const deploymentId = await deployed();
  const cameraId = 'oak-1';
  assert.equal(codeOf(cameraId), 'CAMERA_NOT_AUTHORIZED');
  await world.did('tech', 'camera.register', { cameraId, mount: 'bridge', ...inCity, deploymentId });
  await world.did('chief', 'camera.approve', { cameraId });
  assert.equal(codeOf(cameraId), 'CAMERA_NOT_AUTHORIZED');
  await world.did('chief', 'deployment.approve', { deploymentId });
  assert.equal(codeOf(cameraId), 'CAMERA_OUT_OF_SERVICE');
  await world.did('tech', 'camera.check', { cameraId, passed: true, findings: 'fine' });
  assert.equal(world.governance.cameraInService(cameraId), true);
  assert.equal((await world.refused('chief', 'deployment.close', { deploymentId })).code, 'DEPLOYMENT_INCOMPLETE');
  await world.did('chief', 'deployment.close', { deploymentId, results: 'two recoveries, no arrest' });
  assert.equal(codeOf(cameraId), 'CAMERA_NOT_AUTHORIZED');
});

test('a camera not checked for 30 days is out of service, and that is a duty [IV.B.2.a(3)]', async () => {
  const cameraId = await working();
  world.clock.advance(30 * dayMs);
  assert.equal(codeOf(cameraId), 'in service');
  world.clock.advance(1);
  assert.equal(codeOf(cameraId), 'CAMERA_OUT_OF_SERVICE');
  assert.ok(world.governance.dutiesDue().some((duty) => duty.sentence.includes(cameraId)));
});

test('a failed check takes it out; only repair, then a passed check, then the technician bring it back [IV.B.2.a(3)] [IV.B.2.a(5)]', async () => {
  const cameraId = await working();
  await world.did('tech', 'camera.check', { cameraId, passed: false, findings: 'tilted by 15 degrees' });
  assert.equal(codeOf(cameraId), 'CAMERA_OUT_OF_SERVICE');
  await world.did('tech', 'camera.check', { cameraId, passed: true, findings: 'looks fine again' });
  assert.equal((await world.refused('tech', 'camera.put_in', { cameraId })).code, 'CAMERA_OUT_OF_SERVICE');
  await world.did('tech', 'camera.repair', { cameraId, done: 'bracket replaced' });
  assert.equal((await world.refused('tech', 'camera.put_in', { cameraId })).code, 'CAMERA_OUT_OF_SERVICE');
  await world.did('tech', 'camera.check', { cameraId, passed: true, findings: 'straight' });
  assert.equal((await world.refused('op', 'camera.put_in', { cameraId })).code, 'ROLE_REQUIRED');
  await world.did('tech', 'camera.put_in', { cameraId });
  assert.equal(codeOf(cameraId), 'in service');
});

test('any trained user takes a camera out [IV.B.2.a(5)]', async () => {
  const cameraId = await working();
  await world.did('op', 'camera.take_out', { cameraId, why: 'fogged lens' });
  assert.equal(codeOf(cameraId), 'CAMERA_OUT_OF_SERVICE');
});

test('a moved camera stays in the city and is approved and checked anew [III.K] [I.p2]', async () => {
  const cameraId = await working();
  const away = { cameraId, latitude: 41, longitude: -71.1 };
  assert.equal((await world.refused('tech', 'camera.move', away)).code, 'OUTSIDE_JURISDICTION');
  await world.did('tech', 'camera.move', { cameraId, latitude: 42.38, longitude: -71.1 });
  assert.equal(codeOf(cameraId), 'CAMERA_NOT_AUTHORIZED');
});

test('the duty chief approves non-traditional deployments, in absence only, ratified afterwards [IV.A.6]', async () => {
  const now = world.clock.nowMs();
  const id = await deployed('nontraditional', now + 5 * dayMs);
  const approve = { deploymentId: id };
  assert.equal((await world.refused('duty', 'deployment.approve', approve)).code, 'ADMIN_NOT_ABSENT');
  await world.did('chief', 'absence.open', { fromMs: now, toMs: now + dayMs, why: 'leave' });
  assert.equal(
    (await world.refused('duty', 'deployment.approve', { deploymentId: await deployed() })).code,
    'ROLE_REQUIRED',
  );
  assert.equal((await world.refused('chief', 'deployment.ratify', { ...approve, ratified: true })).code, 'WRONG_STATE');
  await world.did('duty', 'deployment.approve', approve);
  assert.ok(world.governance.dutiesDue().some((duty) => duty.sentence === `ratify ${id}`));
  await world.did('chief', 'deployment.ratify', { deploymentId: id, ratified: false });
  assert.notEqual(world.governance.state().deployments.get(id)?.endedAtMs, null);
  world.clock.advance(dayMs);
  const late = await deployed('nontraditional', world.clock.nowMs() + dayMs);
  assert.equal((await world.refused('duty', 'deployment.approve', { deploymentId: late })).code, 'ADMIN_NOT_ABSENT');
});

test('a non-traditional deployment has an end, and nobody approves their own request [IV.A.6]', async () => {
  const request = { kind: 'nontraditional', purpose: 'festival', fromMs: startMs };
  assert.equal((await world.refused('op', 'deployment.request', request)).code, 'EXPIRY_REQUIRED');
  const own = await world.did('chief', 'deployment.request', { ...request, toMs: world.clock.nowMs() + dayMs });
  assert.equal(
    (await world.refused('chief', 'deployment.approve', { deploymentId: own.id('deployment') })).code,
    'SELF_APPROVAL',
  );
});

test('a suspended system has no camera in service, shows no plate, and takes two persons to resume [II.C]', async () => {
  const cameraId = await working();
  await world.did('chief', 'system.suspend', { orderNo: 'PO-2025-9', why: 'vote of the council' });
  assert.deepEqual([world.governance.suspended(), codeOf(cameraId)], [true, 'SYSTEM_SUSPENDED']);
  assert.equal((await world.refused('op', 'hit.close')).code, 'SYSTEM_SUSPENDED');
  assert.equal((await world.refused('chief', 'camera.approve', { cameraId })).code, 'SYSTEM_SUSPENDED');
  assert.equal((await world.refused('head', 'system.resume', { orderNo: 'PO-2025-10' })).code, 'WRONG_STATE');
  assert.equal((await world.refused('chief', 'system.resume', { orderNo: 'PO-2025-10' })).code, 'ROLE_REQUIRED');
  await world.did('chief', 'system.propose_resume', { orderNo: 'PO-2025-10', why: 'lifted' });
  await world.did('head', 'system.resume', { orderNo: 'PO-2025-10' });
  assert.deepEqual([world.governance.suspended(), codeOf(cameraId)], [false, 'in service']);
});
