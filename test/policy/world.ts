import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../../src/data/result.js';
import { type Disk, realDisk } from '../../src/files/disk.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { openLedger } from '../../src/ledger/open.js';
import { newSigningKey } from '../../src/ledger/signing_key.js';
import { ManualClock } from '../../src/observe/clock.js';
import { packagePath } from '../../src/package_root.js';
import { type Done, type Governance, openGovernance } from '../../src/policy/governance.js';
import { loadPolicy, type Policy, type Role } from '../../src/policy/policy_file.js';
import { type PersonPrincipal, systemPrincipal } from '../../src/policy/principal.js';
import type { Refusal } from '../../src/policy/refusal.js';

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
export const minuteMs = 60_000;
export const startMs = Date.UTC(2026, 0, 1);

export function must<Value, Failure>(result: Result<Value, Failure>): Value {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

export const shippedPolicy: Policy = must(loadPolicy(packagePath('policies', '41-12.yaml')));

export const digest = (letter: string) => letter.repeat(64);
export const goodReason = {
  basis: 'criminal_investigation',
  facts: 'witness saw this plate leaving the invented burglary on Elm Street',
  caseNo: '26-0001',
};

/** A department in a temporary folder: a real ledger, the shipped policy, a clock that moves when told to. */
export interface World {
  readonly clock: ManualClock;
  readonly ledger: Ledger;
  readonly governance: Governance;
  readonly dir: string;
  as(userId: string): PersonPrincipal;
  /** Must succeed. */
  did(userId: string, action: string, input?: unknown): Promise<Done & { id: (kind: string) => string }>;
  /** Must be refused; the refusal must be in the ledger. */
  refused(userId: string, action: string, input?: unknown): Promise<Refusal>;
  close(): Promise<void>;
}

export const system = systemPrincipal('test');

/** For tests that ask much and crash never: nothing waits for the disk. */
export const hastyDisk: Disk = { ...realDisk, datasync: async () => {} };

export async function newWorld(policy: Policy = shippedPolicy, disk: Disk = realDisk): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'ps-policy-'));
  const clock = new ManualClock(startMs);
  const ledger = must(
    await openLedger({
      dir,
      clock,
      policySha256: policy.sha256,
      signingKey: newSigningKey(),
      lastSignedFile: `${dir}.last`,
      node: 'test',
      disk,
    }),
  );
  const seed = () => ledger.latestCheckpoint?.root ?? null;
  const governance = must(openGovernance({ ledger, policy, clock, seed }));
  const as = (userId: string): PersonPrincipal => ({
    kind: 'person',
    userId,
    sessionHash: digest('5'),
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    mfa: true,
    steppedUpAtMs: governance.nowMs(),
    address: null,
  });
  const call = (userId: string, action: string, input: unknown) =>
    governance.execute({ action, input }, userId === 'SYS' ? system : as(userId));
  const world: World = {
    clock,
    ledger,
    governance,
    dir,
    as,
    async did(userId, action, input = {}) {
      const done = must(await call(userId, action, input));
      return { ...done, id: (kind) => `${kind}-${done.sequence}` };
    },
    async refused(userId, action, input = {}) {
      const answer = await call(userId, action, input);
      if (answer.ok) throw new Error(`${userId} was allowed ${action}`);
      if (answer.error.sequence === null) throw new Error(`the refusal of ${action} is not in the ledger`);
      return answer.error;
    },
    async close() {
      governance.close();
      await ledger.close();
      rmSync(dir, { recursive: true, force: true });
      rmSync(`${dir}.last`, { force: true });
    },
  };
  await bootstrap(world);
  return world;
}

/** `chief` is the administrator in person. */
async function bootstrap({ governance, did }: World): Promise<void> {
  const effect = { userId: 'chief', name: 'Chief' };
  must(
    await governance.note({
      action: 'system.bootstrap',
      actor_id: 'chief',
      actor_name: 'Chief',
      roles: [],
      decision: 'allow',
      effect,
    }),
  );
  await did('chief', 'profile.set', { categories: [] });
}

export async function addUser({ did }: World, userId: string, roles: readonly Role[]): Promise<void> {
  await did('chief', 'user.create', { userId, name: userId });
  for (const role of roles) {
    const toMs = role === 'administrator' ? startMs + 300 * dayMs : null;
    await did('chief', 'designation.grant', { userId, role, scope: 'test', toMs });
  }
}

/** Gives everybody named the two certificates, dated now, from the technician `tech`. */
export async function train(world: World, users: readonly string[], atMs = world.clock.nowMs()): Promise<void> {
  const { did } = world;
  for (const [kind, hash] of [
    ['alpr', digest('a')],
    ['cjis_security', digest('c')],
  ] as const) {
    const modules = kind === 'alpr' ? ['operation', 'data_security', 'policy'] : [];
    await did('tech', 'training.approve_course', { kind, title: kind, materialsSha256: hash, modules });
    const session = await did('tech', 'training.record_session', {
      courseHash: hash,
      attendees: users,
      attendanceSha256: digest('b'),
      heldAtMs: atMs,
    });
    for (const userId of users) {
      const certificate = { userId, sessionId: session.id('session'), score: 90, certificateSha256: digest('d') };
      await did('tech', 'training.certify', certificate);
    }
  }
}

/** One trained person with a profile in each role; `op2` and `sup2` are second ones. */
const staff: Readonly<Record<string, Role>> = {
  tech: 'technician',
  op: 'operator',
  op2: 'operator',
  sup: 'supervisor',
  sup2: 'supervisor',
  designee: 'administrator',
  duty: 'duty_chief',
  rec: 'records',
  trn: 'training',
  aud: 'auditor',
  head: 'department_head',
};

export async function staffedWorld(policy: Policy = shippedPolicy, disk: Disk = realDisk): Promise<World> {
  const world = await newWorld(policy, disk);
  for (const [userId, role] of Object.entries(staff)) await addUser(world, userId, [role]);
  for (const userId of Object.keys(staff))
    await world.did(userId, 'profile.set', { categories: ['stolen_vehicle', 'department_hot_list'] });
  await train(world, ['chief', 'op', 'op2', 'sup', 'sup2', 'designee', 'duty', 'rec', 'trn', 'aud', 'head']);
  return world;
}
