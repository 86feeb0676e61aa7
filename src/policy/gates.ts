import { fail, ok, type Result } from '../data/result.js';
import type { Actor } from './command.js';
import { dayMs, minuteMs } from './command.js';
import type { Policy, Role, Rule } from './policy_file.js';
import type { PersonPrincipal, Principal } from './principal.js';
import { need, type Refusal, refusal } from './refusal.js';
import type { Designation, GovernanceState, User } from './state.js';
import { trainedUntilMs, trainingStanding } from './training.js';

/** The roles somebody holds at this moment; derived on every request, never stored [III.C, III.D]. */
export function rolesOf(state: GovernanceState, userId: string, nowMs: number): Role[] {
  const roles = new Set<Role>();
  if (state.principalUserId === userId) roles.add('administrator');
  for (const one of state.designations.values()) {
    if (one.userId === userId && isLiveAt(one, nowMs)) roles.add(one.role);
  }
  return [...roles];
}

function isLiveAt({ fromMs, toMs, revokedAtMs }: Designation, nowMs: number): boolean {
  return fromMs <= nowMs && (toMs === null || nowMs < toMs) && revokedAtMs === null;
}

/**
 * Whether an account has not been used for so long that it is off [II.E]. The administrator in person stays on while nobody else who
 * could re-enable or replace them is, else a department that was away would be locked out for good.
 */
export function isIdle(state: GovernanceState, policy: Policy, user: User, nowMs: number): boolean {
  const unused = (one: User) => nowMs - one.activeAtMs > policy.numbers.idleDisableDays * dayMs;
  if (!unused(user) || user.userId !== state.principalUserId) return unused(user);
  const couldHelp = (one: User) =>
    rolesOf(state, one.userId, nowMs).some((role) => role === 'administrator' || role === 'department_head');
  return [...state.users.values()].some((one) => one !== user && !unused(one) && !one.frozen && couldHelp(one));
}

export function idleRefusal(policy: Policy): Refusal {
  const sentence = `unused for ${policy.numbers.idleDisableDays} days; ask the administrator to re-enable you`;
  return refusal('NOT_DESIGNATED', 'II.E', sentence);
}

/**
 * The documented order, the same for everybody, administrators included [II.B]: session, second factor, designation, training,
 * profile, role. What concerns the object itself comes after, in the command's own rules.
 */
export function authorise(
  state: GovernanceState,
  policy: Policy,
  principal: Principal,
  rule: Rule,
  nowMs: number,
): Result<Actor, Refusal> {
  if (principal.kind === 'system') {
    const actor = {
      id: `SYS:${principal.process}`,
      name: principal.process,
      roles: ['system' as const],
      isPrincipal: false,
    };
    return rule.roles.includes('system') ? ok(actor) : fail(roleRequired(rule));
  }
  const user = state.users.get(principal.userId);
  const roles = rolesOf(state, principal.userId, nowMs);
  for (const gate of [session, secondFactor, designation, training, profile, role, suspension]) {
    const refused = gate({ state, policy, principal, user, roles, rule, nowMs });
    if (refused !== null) return fail(refused);
  }
  return ok({
    id: principal.userId,
    name: user?.name ?? principal.userId,
    roles,
    isPrincipal: state.principalUserId === principal.userId,
  });
}

interface Asked {
  readonly state: GovernanceState;
  readonly policy: Policy;
  readonly principal: PersonPrincipal;
  readonly user: User | undefined;
  readonly roles: readonly Role[];
  readonly rule: Rule;
  readonly nowMs: number;
}

function session({ principal, user, nowMs }: Asked): Refusal | null {
  if (nowMs >= principal.expiresAtMs)
    return refusal('SESSION_EXPIRED', 'IV.C.2.a', 'your session has ended; log in again');
  return need(!user?.frozen, 'ACCOUNT_LOCKED', 'II.pre', 'this account is frozen; ask the administrator');
}

function secondFactor({ principal, policy, rule, nowMs }: Asked): Refusal | null {
  if (!principal.mfa) return refusal('MFA_REQUIRED', 'IV.C.2.a', 'log in with your second factor first');
  const freshMs = policy.numbers.stepUpMinutes * minuteMs;
  const fresh = principal.steppedUpAtMs !== null && nowMs - principal.steppedUpAtMs <= freshMs;
  return need(
    !rule.stepUp || fresh,
    'MFA_REQUIRED',
    'IV.C.2.a',
    'confirm with your second factor; this action asks for it again',
  );
}

function designation({ state, policy, user, roles, nowMs }: Asked): Refusal | null {
  if (user === undefined || roles.length === 0) {
    return refusal('NOT_DESIGNATED', 'IV.A.2', 'you are not designated to use this system; ask the administrator');
  }
  if (isIdle(state, policy, user, nowMs)) return idleRefusal(policy);
  return user.kind === 'vendor' ? vendorAccess(state, user, nowMs) : null;
}

/** A vendor's account works only inside a window the administrator has opened, while the vendor's papers are current [IV.C.3.a]. */
function vendorAccess(state: GovernanceState, user: User, nowMs: number): Refusal | null {
  const vendor = state.vendors.get(user.vendorId ?? '');
  const open = [...state.vendorWindows.values()].some(
    (w) => w.userId === user.userId && w.fromMs <= nowMs && nowMs < w.toMs,
  );
  const sentence = 'a vendor works only in a window that the administrator has opened, with current security papers';
  return need(open && vendor !== undefined && nowMs < vendor.expiresAtMs, 'VENDOR_NOT_COMPLIANT', 'IV.C.3.a', sentence);
}

function training({ state, policy, principal, rule, nowMs }: Asked): Refusal | null {
  if (rule.gate !== 'use') return null;
  const standing = trainingStanding(state, policy, principal.userId, nowMs);
  if (standing === 'current') return null;
  const ask = `ask ${techniciansOf(state, nowMs)}`;
  if (standing === 'missing') {
    const sentence = `complete the initial training and the CJIS security training first; ${ask}`;
    return refusal('TRAINING_MISSING', 'IV.E.1', sentence);
  }
  const endedAt = new Date(trainedUntilMs(state, policy, principal.userId) ?? nowMs).toISOString().slice(0, 10);
  return refusal('TRAINING_EXPIRED', 'IV.E.2', `your training expired on ${endedAt}; ${ask} for the refresher`);
}

/** Who trains the others [IV.B.2.a(1)], by name. */
function techniciansOf(state: GovernanceState, nowMs: number): string {
  const names = [...state.designations.values()]
    .filter((one) => one.role === 'technician' && isLiveAt(one, nowMs))
    .map(({ userId }) => state.users.get(userId)?.name ?? userId);
  return names.length > 0 ? [...new Set(names)].join(' or ') : 'the technician';
}

function profile({ state, principal, rule }: Asked): Refusal | null {
  const set = rule.gate === 'open' || state.profiles.has(principal.userId);
  return need(set, 'PROFILE_REQUIRED', 'IV.A.3', 'choose which alerts you receive first: set your alert profile');
}

function role({ roles, rule }: Asked): Refusal | null {
  return rule.roles.some((one) => roles.includes(one)) ? null : roleRequired(rule);
}

function roleRequired(rule: Rule): Refusal {
  return refusal('ROLE_REQUIRED', rule.clause, `only ${rule.roles.join(' or ')} may do this`);
}

function suspension({ state, rule }: Asked): Refusal | null {
  const sentence = `the system is suspended by order ${state.suspension?.orderNo ?? ''}; no plate is shown until it is lifted`;
  return need(rule.gate !== 'use' || state.suspension === null, 'SYSTEM_SUSPENDED', 'II.C', sentence);
}
