import { z } from 'zod';
import { type Context, command, dayMs } from '../command.js';
import type { Policy } from '../policy_file.js';
import { need, type Refusal, refusal } from '../refusal.js';
import type { GovernanceState } from '../state.js';
import { isDeploymentLive } from './deployments.js';
import { idField, textField } from './fields.js';

const cameraId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const latitude = z.number().min(-90).max(90);
const longitude = z.number().min(-180).max(180);

/** Whether a point lies inside the polygon (even-odd rule). */
function isInside(polygon: readonly (readonly [number, number])[], lat: number, lon: number): boolean {
  let inside = false;
  for (const [index, [latA, lonA]] of polygon.entries()) {
    const [latB, lonB] = polygon.at(index - 1) as readonly [number, number];
    const crosses = lonA > lon !== lonB > lon && lat < ((latB - latA) * (lon - lonA)) / (lonB - lonA) + latA;
    if (crosses) inside = !inside;
  }
  return inside;
}

function checkPlace({ policy }: Context, lat: number, lon: number): Refusal | null {
  const decimals = [lat, lon].every((value) => Math.abs(value * 1e6 - Math.round(value * 1e6)) < 1e-4);
  if (!decimals) return refusal('INPUT_INVALID', 'III.K', 'a position has at most six decimals');
  const sentence = 'this is outside the city; check that latitude and longitude are not swapped';
  return need(isInside(policy.jurisdiction, lat, lon), 'OUTSIDE_JURISDICTION', 'I.p2', sentence);
}

/** Fixed structures inside the city, for a deployment; there is no other kind [I.p2, III.H, IV.A.9.a]. */
const register = command({
  action: 'camera.register',
  title: 'Register a camera under the name it has in the configuration',
  input: z.strictObject({ cameraId, mount: z.string().max(32), latitude, longitude, deploymentId: idField }),
  *rules(context, input) {
    const fixed = context.policy.cameraKinds.includes(input.mount);
    const clause = /mobile|vehicle|cruiser|drone|trailer/i.test(input.mount) ? 'IV.A.9.a' : 'III.H';
    yield need(
      fixed,
      'OUTSIDE_JURISDICTION',
      clause,
      `a camera is fixed to a ${context.policy.cameraKinds.join(', ')}`,
    );
    yield checkPlace(context, input.latitude, input.longitude);
    yield need(!context.state.cameras.has(input.cameraId), 'DUPLICATE_ID', 'I.p2', 'there is a camera of that name');
    const known = context.state.deployments.has(input.deploymentId);
    yield need(known, 'CAMERA_NOT_AUTHORIZED', 'IV.B.1.a(9)', 'a camera belongs to a deployment; request that first');
  },
  object: 'cameraId',
  fold(state, effect, at) {
    const fresh = { registeredBy: at.actorId, approvedBy: null, out: null, checkedAtMs: null, baseline: null };
    state.cameras.set(effect.cameraId, { ...effect, ...fresh });
  },
});

function exists({ state }: Context, id: string): Refusal | null {
  return need(state.cameras.has(id), 'NOT_FOUND', 'I.p2', 'there is no such camera');
}

const approve = command({
  action: 'camera.approve',
  title: 'Approve a registered camera',
  input: z.strictObject({ cameraId }),
  *rules(context, { cameraId: id }) {
    yield exists(context, id);
    const camera = context.state.cameras.get(id);
    yield need(camera?.registeredBy !== context.actor.id, 'SELF_APPROVAL', 'I.p2', 'somebody else approves it');
    yield need(
      context.state.suspension === null,
      'SYSTEM_SUSPENDED',
      'II.C',
      'no camera is added while the system is suspended',
    );
  },
  object: 'cameraId',
  fold(state, { cameraId: id }, at) {
    const camera = state.cameras.get(id);
    if (camera) camera.approvedBy = at.actorId;
  },
});

/** The position comes from here, never from the stream; a moved camera is approved and checked anew [III.K]. */
const move = command({
  action: 'camera.move',
  title: 'Move a camera; it is approved and checked anew',
  input: z.strictObject({ cameraId, latitude, longitude }),
  *rules(context, input) {
    yield exists(context, input.cameraId);
    yield checkPlace(context, input.latitude, input.longitude);
  },
  object: 'cameraId',
  fold(state, { cameraId: id, latitude: lat, longitude: lon }) {
    const camera = state.cameras.get(id);
    if (!camera) return;
    camera.latitude = lat;
    camera.longitude = lon;
    camera.approvedBy = null;
    camera.checkedAtMs = null;
    camera.baseline = null;
  },
});

/** Works and looks where it should; what fails a check leaves service at once [IV.B.2.a(3)]. */
const check = command({
  action: 'camera.check',
  title: 'Record a check of a camera; a passed one puts it in service',
  input: z.strictObject({ cameraId, passed: z.boolean(), findings: textField }),
  *rules(context, { cameraId: id }) {
    yield exists(context, id);
  },
  object: 'cameraId',
  fold(state, { cameraId: id, passed, findings }, at) {
    const camera = state.cameras.get(id);
    if (!camera) return;
    if (!passed) camera.out = { why: findings, repaired: false };
    else [camera.checkedAtMs, camera.baseline] = [at.ms, null];
  },
});

const takeOut = command({
  action: 'camera.take_out',
  title: 'Take a camera out of service',
  input: z.strictObject({ cameraId, why: textField }),
  *rules(context, { cameraId: id }) {
    yield exists(context, id);
  },
  object: 'cameraId',
  fold(state, { cameraId: id, why }) {
    const camera = state.cameras.get(id);
    if (camera) camera.out = { why, repaired: false };
  },
});

const measure = z.number().finite();

/** How a camera looks that a person has just found in order: what its health is held against, also after a restart [IV.B.2.a(3)]. */
const setBaseline = command({
  action: 'camera.set_baseline',
  title: 'Keep how a camera’s plates look right after its check',
  input: z.strictObject({
    cameraId,
    baseline: z.strictObject({
      tiltDegrees: measure.nullable(),
      plateHeightPx: measure.positive(),
      confidence: measure,
      sharpness: measure.nullable(),
      clockOffsetMs: measure.nullable(),
    }),
  }),
  *rules(context, { cameraId: id }) {
    yield exists(context, id);
    const checked = (context.state.cameras.get(id)?.checkedAtMs ?? null) !== null;
    yield need(checked, 'WRONG_STATE', 'IV.B.2.a(3)', 'a baseline follows a passed check');
  },
  object: 'cameraId',
  fold(state, { cameraId: id, baseline }) {
    const camera = state.cameras.get(id);
    if (camera) camera.baseline = baseline;
  },
});

const repair = command({
  action: 'camera.repair',
  title: 'Record what was repaired at a camera',
  input: z.strictObject({ cameraId, done: textField }),
  *rules(context, { cameraId: id }) {
    yield exists(context, id);
  },
  object: 'cameraId',
  fold(state, { cameraId: id }) {
    const camera = state.cameras.get(id);
    if (camera?.out) {
      camera.out = { ...camera.out, repaired: true };
      camera.checkedAtMs = null;
      camera.baseline = null;
    }
  },
});

/** Back only after a repair and a check passed since [IV.B.2.a(3), IV.B.2.a(5)]. */
const putIn = command({
  action: 'camera.put_in',
  title: 'Put a repaired and checked camera back in service',
  input: z.strictObject({ cameraId }),
  *rules(context, { cameraId: id }) {
    yield exists(context, id);
    const camera = context.state.cameras.get(id);
    const ready = camera?.out?.repaired === true && camera.checkedAtMs !== null;
    yield need(ready, 'CAMERA_OUT_OF_SERVICE', 'IV.B.2.a(3)', 'record the repair and pass a check first');
  },
  object: 'cameraId',
  fold(state, { cameraId: id }) {
    const camera = state.cameras.get(id);
    if (camera) camera.out = null;
  },
});

/** @returns why frames of this camera may not be used at this moment, or `null`. */
export function cameraRefusal(state: GovernanceState, policy: Policy, id: string, nowMs: number): Refusal | null {
  const camera = state.cameras.get(id);
  const deployment = state.deployments.get(camera?.deploymentId ?? '');
  if (state.suspension !== null) return refusal('SYSTEM_SUSPENDED', 'II.C', 'the system is suspended');
  if (
    camera === undefined ||
    camera.approvedBy === null ||
    deployment === undefined ||
    !isDeploymentLive(deployment, nowMs)
  ) {
    return refusal('CAMERA_NOT_AUTHORIZED', 'IV.B.1.a(9)', 'this camera has no approval or no live deployment');
  }
  if (camera.out !== null) return refusal('CAMERA_OUT_OF_SERVICE', 'IV.B.2.a(3)', camera.out.why);
  const days = policy.numbers.cameraCheckDays;
  const current = camera.checkedAtMs !== null && nowMs - camera.checkedAtMs <= days * dayMs;
  return need(current, 'CAMERA_OUT_OF_SERVICE', 'IV.B.2.a(3)', `its last passed check is older than ${days} days`);
}

export const cameraCommands = [register, approve, move, check, takeOut, setBaseline, repair, putIn];
