import { createHash } from 'node:crypto';
import type { DemoLogin } from '../api/session.js';
import { parseConfig } from '../config.js';
import { fail, ok, type Result } from '../data/result.js';
import { systemClock } from '../observe/clock.js';
import { silentLog } from '../observe/log.js';
import { totpCode } from '../policy/accounts/totp.js';
import { dayMs, minuteMs } from '../policy/command.js';
import { rolesOf } from '../policy/gates.js';
import type { Role } from '../policy/policy_file.js';
import type { Principal } from '../policy/principal.js';
import { type Governed, openGoverned } from './governed.js';

/** Somebody of the demonstration: the login says the role. */
interface Person {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
}

/** `chief` is the administrator in person. */
const chief: Person = { userId: 'chief', name: 'DEMO Administrator', role: 'administrator' };
const staff: readonly Person[] = [
  { userId: 'operator', name: 'DEMO Operator', role: 'operator' },
  { userId: 'supervisor', name: 'DEMO Supervisor', role: 'supervisor' },
  { userId: 'supervisor2', name: 'DEMO Second supervisor', role: 'supervisor' },
  { userId: 'analyst', name: 'DEMO Analyst', role: 'operator' },
  { userId: 'records', name: 'DEMO Records unit', role: 'records' },
  { userId: 'technician', name: 'DEMO Technician', role: 'technician' },
  { userId: 'trainer', name: 'DEMO Training unit', role: 'training' },
  { userId: 'auditor', name: 'DEMO Auditor', role: 'auditor' },
  { userId: 'head', name: 'DEMO Department head', role: 'department_head' },
];
const everybody = [chief, ...staff];

/** Printed and shown on the sign-in page: a demonstration has no secrets. */
export function demoPassword(userId: string): string {
  return `demo bicycle ${userId} lantern`;
}

const digest = (text: string) => createHash('sha256').update(`platestream demo: ${text}`).digest('hex');
const sessionHash = digest('session');
const stepMs = 30_000;

/**
 * A department for the demonstration, made with the very commands a real one uses: people designated, trained and enrolled, an approved
 * deployment with checked cameras, protocols, a custodian. Every record of it says DEMO. Done once; later starts find it.
 * @returns the logins with the codes an authenticator app would show; refused on a data directory that is no demonstration.
 */
export async function makeDemoDepartment(
  governed: Governed,
  cameras: readonly string[],
): Promise<Result<() => readonly DemoLogin[], string>> {
  const { governance } = governed;
  const { users } = governance.state();
  if (users.size > 0 && !users.get(chief.userId)?.name.startsWith('DEMO'))
    return fail('this data directory belongs to a real department; the demonstration needs one of its own');
  const made = users.size > 0 ? ok(null) : await makePeople(governed);
  if (!made.ok) return made;
  const installed = await installCameras(governed, cameras);
  return installed.ok ? ok(() => loginsNow(governed)) : installed;
}

/** The person as if signed in on the machine itself; sessions over HTTP prove password and code. */
function as({ governance }: Governed, userId: string): Principal {
  const nowMs = governance.nowMs();
  const ends = { expiresAtMs: nowMs + minuteMs, steppedUpAtMs: nowMs };
  return { kind: 'person', userId, sessionHash, mfa: true, address: null, ...ends };
}

type Step = readonly [userId: string, action: string, input: object];

async function give(governed: Governed, [userId, action, input]: Step): Promise<Result<number, string>> {
  const done = await governed.governance.execute({ action, input }, as(governed, userId));
  if (done.ok) return ok(done.value.sequence);
  const { code, clause, sentence } = done.error;
  return fail(`the demonstration could not be set up: ${action}: ${code} (${clause}) ${sentence}`);
}

async function giveAll(governed: Governed, steps: readonly Step[]): Promise<Result<null, string>> {
  for (const step of steps) {
    const done = await give(governed, step);
    if (!done.ok) return done;
  }
  return ok(null);
}

async function makePeople(governed: Governed): Promise<Result<null, string>> {
  const { accounts, governance } = governed;
  const token = accounts.enrolments.firstToken() ?? '';
  const first = await accounts.enrolments.bootstrap(token, { ...chief, password: demoPassword(chief.userId) });
  if (!first.ok) return fail(first.error.sentence);
  const categories = Object.keys(governance.policy.categories.authorised);
  const steps: Step[] = [['chief', 'profile.set', { categories }]];
  for (const { userId, name, role } of staff) {
    steps.push(['chief', 'user.create', { userId, name }]);
    steps.push(['chief', 'designation.grant', { userId, role, scope: 'DEMO' }]);
    steps.push([userId, 'profile.set', { categories }]);
  }
  const done = await giveAll(governed, steps);
  if (!done.ok) return done;
  for (const { userId } of staff) {
    const { token: enrolment } = accounts.enrolments.issue(userId);
    const enrolled = await accounts.enrolments.enrol(userId, enrolment, demoPassword(userId));
    if (!enrolled.ok) return fail(enrolled.error.sentence);
  }
  const trained = await train(governed);
  return trained.ok ? giveAll(governed, duties(governance.policy.protocols, governance.nowMs())) : trained;
}

/** Both trainings, for everybody but the technician who gives them. */
async function train(governed: Governed): Promise<Result<null, string>> {
  const attendees = everybody.filter(({ userId }) => userId !== 'technician').map(({ userId }) => userId);
  for (const kind of ['alpr', 'cjis_security'] as const) {
    const courseHash = digest(`course ${kind}`);
    const modules = kind === 'alpr' ? ['operation', 'data_security', 'policy'] : [];
    const course = { kind, title: `DEMO ${kind}`, materialsSha256: courseHash, modules };
    const approved = await give(governed, ['technician', 'training.approve_course', course]);
    if (!approved.ok) return approved;
    const held = {
      courseHash,
      attendees,
      attendanceSha256: digest('attendance'),
      heldAtMs: governed.governance.nowMs(),
    };
    const session = await give(governed, ['technician', 'training.record_session', held]);
    if (!session.ok) return session;
    const certified = await giveAll(
      governed,
      attendees.map((userId) => [
        'technician',
        'training.certify',
        {
          userId,
          sessionId: `session-${session.value}`,
          score: 90,
          certificateSha256: digest(`certificate ${userId}`),
        },
      ]),
    );
    if (!certified.ok) return certified;
  }
  return ok(null);
}

function duties(protocols: readonly string[], nowMs: number): Step[] {
  const vendor = { vendorId: 'demo-vendor', name: 'DEMO vendor', addendumAtMs: nowMs, screenedAtMs: nowMs };
  return [
    ...protocols.map(
      (kind): Step => ['chief', 'protocol.approve', { kind, documentSha256: digest(kind), refs: ['41.3.9 (d)'] }],
    ),
    ['chief', 'vendor.record', { ...vendor, expiresAtMs: nowMs + 365 * dayMs }],
    ['chief', 'custodian.set', { vendorId: 'demo-vendor' }],
  ];
}

async function installCameras(governed: Governed, cameras: readonly string[]): Promise<Result<null, string>> {
  const { governance } = governed;
  const missing = cameras.filter((cameraId) => !governance.state().cameras.has(cameraId));
  const known = [...governance.state().deployments.values()].find((one) => one.endedAtMs === null);
  let deploymentId = known?.deploymentId;
  if (missing.length > 0 && deploymentId === undefined) {
    const purpose = 'DEMO: simulated streets';
    const asked = { kind: 'fixed', purpose, fromMs: governance.nowMs() };
    const requested = await give(governed, ['technician', 'deployment.request', asked]);
    if (!requested.ok) return requested;
    deploymentId = `deployment-${requested.value}`;
    const approved = await give(governed, ['chief', 'deployment.approve', { deploymentId }]);
    if (!approved.ok) return approved;
  }
  const steps = missing.flatMap((cameraId): Step[] => [
    ['technician', 'camera.register', { cameraId, mount: 'pole', ...placeOf(cameras.indexOf(cameraId)), deploymentId }],
    ['chief', 'camera.approve', { cameraId }],
  ]);
  const due = cameras.map(
    (cameraId): Step => ['technician', 'camera.check', { cameraId, passed: true, findings: 'DEMO check' }],
  );
  return giveAll(governed, [...steps, ...due]);
}

/** A grid of street corners inside the shipped policy's city. */
function placeOf(index: number): { latitude: number; longitude: number } {
  const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
  return { latitude: round(42.37 + 0.001 * (index % 20)), longitude: round(-71.11 + 0.001 * Math.floor(index / 20)) };
}

/** Codes of this moment; an app on a phone would show the same. */
function loginsNow({ credentials, governance }: Governed): DemoLogin[] {
  const nowMs = Date.now();
  return everybody.map(({ userId, name }) => {
    const totp = credentials.get(userId)?.totp ?? null;
    const used = totp !== null && totp.lastStep >= Math.floor(nowMs / stepMs);
    // A code is good once: after a sign-in the next one is shown, which is accepted half a minute early.
    const atMs = used ? nowMs + stepMs : nowMs;
    return {
      userId,
      name,
      roles: rolesOf(governance.state(), userId, governance.nowMs()),
      password: demoPassword(userId),
      code: totp === null ? '' : totpCode(totp.secret, atMs),
      codeUntilMs: (Math.floor(atMs / stepMs) + 1) * stepMs,
    };
  });
}

/**
 * The same in a data directory that no program holds, for measurements that run `serve` itself.
 * @returns how to sign in at its address as the operator: the headers to send. @throws one line when it can not be made.
 */
export async function prepareDemoDepartment(
  { dataDir }: { readonly dataDir: string },
  cameras: readonly string[],
): Promise<(address: string) => Promise<Record<string, string>>> {
  const config = parseConfig(JSON.stringify({ dataDir }), 'demo');
  const governed = config.ok ? await openGoverned(config.value, systemClock, silentLog) : config;
  if (!governed.ok) throw new Error(governed.error);
  const made = await makeDemoDepartment(governed.value, cameras);
  await governed.value.close();
  if (!made.ok) throw new Error(made.error);
  const logins = made.value;
  return async (address) => {
    const login = logins().find(({ userId }) => userId === 'operator');
    const answer = await fetch(`${address}/api/session`, {
      method: 'POST',
      headers: { 'x-platestream': '1', 'content-type': 'application/json' },
      body: JSON.stringify({
        userId: login?.userId,
        password: login?.password,
        factor: { kind: 'totp', code: login?.code },
        acknowledgedBanner: true,
      }),
    });
    if (answer.status !== 201) throw new Error(`the operator could not sign in (${answer.status})`);
    return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
  };
}
