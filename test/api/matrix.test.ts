import { strict as assert } from 'node:assert';
import type { AnyRoute } from '../../src/api/route.js';
import { ruleOfRoute } from '../../src/api/routes.js';
import { type Role, type Rule, roleNames } from '../../src/policy/policy_file.js';
import { dayMs, hourMs, minuteMs, shippedPolicy } from '../policy/world.js';
import type { ApiClient, Reply } from '../support/api_client.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment } from './department.js';
import { ask, isAskable } from './every_route.js';

/** T1: every route of the table, asked over HTTP by every kind of principal in every state an account can be in. */
const { test, before, after } = suite('the authorisation matrix (T1)');
let one: Department;
before(async () => {
  one = await openDepartment();
  const papers = { name: 'V', addendumAtMs: 1, screenedAtMs: 1 };
  const nowMs = one.clock.nowMs();
  await one.did('chief', 'vendor.record', { vendorId: 'v-1', ...papers, expiresAtMs: nowMs + 30 * dayMs });
  await one.did('chief', 'vendor.record', { vendorId: 'v-lapsed', ...papers, expiresAtMs: nowMs + 1000 });
});
after(() => one.close());

/** Codes with which the gates answer; anything else means that they let the caller pass. */
const gateCodes = [
  'SESSION_EXPIRED',
  'ACCOUNT_LOCKED',
  'MFA_REQUIRED',
  'NOT_DESIGNATED',
  'VENDOR_NOT_COMPLIANT',
  'TRAINING_MISSING',
  'TRAINING_EXPIRED',
  'PROFILE_REQUIRED',
  'SYSTEM_SUSPENDED',
];

function verdict({ status, body }: Reply, rule: Rule | null): string {
  const code = String(body['code'] ?? '');
  if (gateCodes.includes(code)) return code;
  // A command's own rules may also ask for a role; those say something else.
  const byGate = rule !== null && body['detail'] === `only ${rule.roles.join(' or ')} may do this`;
  return status === 403 && code === 'ROLE_REQUIRED' && byGate ? code : 'passed';
}

type Training = 'missing' | 'expired' | 'current';

interface Account {
  readonly userId: string;
  /** Also where the designation has ended: then nobody holds it. */
  readonly role: Role | null;
  readonly training: Training;
  readonly profile: boolean;
  readonly frozen: boolean;
  /** Of a vendor: inside an opened window, with current papers. */
  readonly compliant: boolean;
}

interface Moment {
  /** A second factor within five minutes. */
  readonly fresh: boolean;
  readonly suspended: boolean;
}

/** What the policy file says, in other words than the program's. */
function expected(route: AnyRoute, rule: Rule | null, account: Account | null, now: Moment): string {
  if (route.rule.kind === 'public') return 'passed';
  if (account === null) return 'SESSION_EXPIRED';
  if (account.frozen) return route.rule.kind === 'session' && route.rule.evenFrozen ? 'passed' : 'ACCOUNT_LOCKED';
  if (rule === null) return route.path === '/api/passkeys/options' && !now.fresh ? 'MFA_REQUIRED' : 'passed';
  if (rule.stepUp && !now.fresh) return 'MFA_REQUIRED';
  if (account.role === null) return 'NOT_DESIGNATED';
  if (account.role === 'vendor' && !account.compliant) return 'VENDOR_NOT_COMPLIANT';
  if (rule.gate === 'use' && account.training === 'missing') return 'TRAINING_MISSING';
  if (rule.gate === 'use' && account.training === 'expired') return 'TRAINING_EXPIRED';
  if (rule.gate !== 'open' && !account.profile) return 'PROFILE_REQUIRED';
  if (!rule.roles.includes(account.role)) return 'ROLE_REQUIRED';
  return rule.gate === 'use' && now.suspended ? 'SYSTEM_SUSPENDED' : 'passed';
}

/** Training that ended yesterday, or begins now. */
async function certify(userId: string, training: Exclude<Training, 'missing'>): Promise<void> {
  const heldAtMs = one.clock.nowMs() - (training === 'expired' ? 366 * dayMs : 0);
  for (const session of [...one.governance.state().trainingSessions.values()].slice(0, 2)) {
    const { courseHash, attendanceSha256 } = session;
    const attended = { courseHash, attendees: [userId], attendanceSha256, heldAtMs };
    const held = await one.did('tech', 'training.record_session', attended);
    const certificate = { userId, sessionId: held.id('session'), score: 90, certificateSha256: 'd'.repeat(64) };
    await one.did('tech', 'training.certify', certificate);
  }
}

type Making = Partial<Omit<Account, 'userId' | 'role'>> & { vendorId?: string; endedRole?: boolean };

async function make(userId: string, role: Role | null, making: Making = {}): Promise<Account> {
  const { vendorId = null, endedRole = false, profile = false, training = 'missing', compliant = false } = making;
  await one.did('chief', 'user.create', { userId, name: userId, kind: vendorId ? 'vendor' : 'employee', vendorId });
  if (role !== null) {
    const toMs = one.clock.nowMs() + (endedRole ? hourMs : 20 * dayMs);
    await one.did('chief', 'designation.grant', { userId, role, scope: 'test', toMs });
  }
  if (compliant) {
    const [fromMs, toMs] = [one.clock.nowMs(), one.clock.nowMs() + 70 * hourMs];
    await one.did('chief', 'vendor.open_window', { userId, ticket: 't-1', fromMs, toMs });
  }
  if (profile) await one.did(userId, 'profile.set', { categories: [] });
  if (training !== 'missing') await certify(userId, training);
  const held = endedRole ? null : role;
  return { userId, role: held, training, profile, frozen: making.frozen ?? false, compliant };
}

/** One account in each state: before the profile, before training, ready, trained too long ago, frozen, its designation ended. */
async function everyState(role: Role): Promise<Account[]> {
  const name = role.replaceAll('_', '-');
  const vendor = role === 'vendor' ? { vendorId: 'v-1', compliant: true } : {};
  const ready = { ...vendor, profile: true, training: 'current' } as const;
  return [
    await make(`${name}-new`, role, vendor),
    await make(`${name}-profile`, role, { ...vendor, profile: true }),
    await make(`${name}-ready`, role, ready),
    await make(`${name}-stale`, role, { ...ready, training: 'expired' }),
    await make(`${name}-frozen`, role, { ...ready, frozen: true }),
    await make(`${name}-ended`, role, { ...ready, endedRole: true }),
  ];
}

async function everybody(): Promise<Account[]> {
  const accounts: Account[] = [];
  for (const role of roleNames) if (role !== 'system') accounts.push(...(await everyState(role)));
  accounts.push(await make('nobody-new', null));
  accounts.push(await make('vendor-waits', 'vendor', { vendorId: 'v-1' }));
  accounts.push(await make('vendor-lapsed', 'vendor', { vendorId: 'v-lapsed' }));
  const ready = { training: 'current', profile: true, compliant: false } as const;
  accounts.push({ userId: 'chief', role: 'administrator', frozen: false, ...ready });
  accounts.push({ userId: 'chief', role: 'administrator', frozen: true, ...ready });
  one.clock.advance(2 * hourMs);
  return accounts;
}

async function row(client: ApiClient, account: Account | null, now: Moment): Promise<number> {
  const routes = one.routes.filter(isAskable);
  for (const route of routes) {
    const rule = ruleOfRoute(shippedPolicy, route);
    const found = verdict(await ask(client, route), rule);
    const who = `${route.method} ${route.path} by ${JSON.stringify({ account, now })}`;
    assert.equal(found, expected(route, rule, account, now), who);
  }
  return routes.length;
}

/** Signs in, is frozen where the row says so, asks for everything shortly after the second factor and again later. */
async function rows(account: Account, suspended: boolean): Promise<number> {
  const { userId, frozen } = account;
  const [freezer, thawer] = userId === 'chief' ? ['aud', 'designee'] : ['chief', 'chief'];
  const client = await one.signedIn(userId);
  if (frozen) await one.did(freezer, 'user.freeze', { userId, why: 'test' });
  const soon = await row(client, account, { fresh: true, suspended });
  one.clock.advance(6 * minuteMs);
  const later = await row(client, account, { fresh: false, suspended });
  if (frozen) await one.did(thawer, 'user.unfreeze', { userId, why: 'test' });
  return soon + later;
}

test('every route x every principal x every account state answers as the policy file says [II.E] [IV.A.2] [IV.C.1.a] [II.B] [IV.C.3.a] [IV.E.2]', async () => {
  let cells = await row(one.stranger(), null, { fresh: false, suspended: false });
  const accounts = await everybody();
  const asked = new Set(accounts.map(({ role }) => role));
  assert.deepEqual(
    roleNames.filter((role) => role !== 'system' && !asked.has(role)),
    [],
    'every role of the policy asks',
  );
  for (const account of accounts) cells += await rows(account, false);
  await one.did('chief', 'system.suspend', { orderNo: 'ORDER-1', why: 'test' });
  for (const account of accounts.filter(({ profile, frozen }) => profile && !frozen))
    cells += await rows(account, true);
  assert.ok(one.governance.suspended(), 'nobody lifted it on the way');
  assert.ok(cells > 20_000, `${cells} cells`);
});
