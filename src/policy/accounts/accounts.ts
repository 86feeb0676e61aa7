import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { fail, ok, type Result } from '../../data/result.js';
import type { Clock } from '../../observe/clock.js';
import { hourMs, minuteMs } from '../command.js';
import { idleRefusal, isIdle } from '../gates.js';
import type { Governance } from '../governance.js';
import type { PersonPrincipal } from '../principal.js';
import { type Refusal, refusal } from '../refusal.js';
import { Attempts } from './attempts.js';
import type { AuthFailure } from './auth_failures.js';
import type { Credentials } from './credentials.js';
import { Door, failed, type Knocking } from './door.js';
import { Enrolments } from './enrolments.js';
import type { Site } from './passkeys.js';
import { isPassword } from './passwords.js';
import { type SecondFactor, SecondFactors } from './second_factors.js';
import { type Session, Sessions } from './sessions.js';

export interface AccountsOptions {
  readonly governance: Governance;
  readonly credentials: Credentials;
  readonly clock: Clock;
}

export interface Login extends Knocking {
  readonly password: string;
  readonly factor: SecondFactor;
  /** Ends the user's other session instead of being refused. */
  readonly replace?: boolean;
  /** SHA-256 of the use banner the person has acknowledged. */
  readonly bannerSha256?: string;
}

/** Who somebody is: logins, second factors, sessions. What they may do is governance's business alone. */
export class Accounts {
  readonly enrolments: Enrolments;
  readonly #governance: Governance;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  readonly #failures: Attempts;
  readonly #door: Door;
  readonly #factors: SecondFactors;

  constructor({ governance, credentials, clock }: AccountsOptions) {
    const { numbers } = governance.policy;
    this.#governance = governance;
    this.#credentials = credentials;
    this.#clock = clock;
    this.#sessions = new Sessions({
      idleMs: numbers.sessionIdleMinutes * minuteMs,
      longestMs: numbers.sessionHours * hourMs,
    });
    this.#failures = new Attempts(numbers.failureWindowMinutes * minuteMs);
    this.#door = new Door(governance, clock);
    this.#factors = new SecondFactors(credentials, clock);
    this.enrolments = new Enrolments({ governance, credentials, sessions: this.#sessions, door: this.#door });
  }

  /** Password and second factor together; one answer for every cause of failure, throttled by address, locked by user. */
  async login(asked: Login): Promise<Result<{ token: string; session: Session }, Refusal>> {
    const refuse = (refused: Refusal) => this.#door.refuse(asked, refused, 'session.open');
    const nowMs = this.#clock.nowMs();
    const throttled = this.#door.throttle(asked.address);
    if (throttled !== null) return fail(throttled);
    if (this.#isLocked(asked.userId)) return refuse(locked());
    // Counts as a failure until it is proved, so that attempts side by side can not slip past the limit.
    this.#failures.add(asked.userId, nowMs);
    if (!(await this.#isProved(asked))) return refuse(failed());
    this.#failures.clear(asked.userId);
    const off = this.#off(asked.userId);
    if (off !== null) return refuse(off);
    const other = this.#sessions.liveOf(asked.userId, nowMs);
    if (other !== null && !asked.replace) {
      const sentence = 'you are logged in elsewhere; log out there, or end that session now';
      return refuse(refusal('SESSION_IN_USE', 'IV.C.5', sentence));
    }
    return this.#open(asked, nowMs, other !== null);
  }

  async #open(
    { userId, address, bannerSha256 }: Login,
    nowMs: number,
    replaced: boolean,
  ): Promise<Result<{ token: string; session: Session }, Refusal>> {
    const opened = this.#sessions.prepare(userId, address, nowMs);
    const request = { replaced, ...(bannerSha256 !== undefined && { banner_sha256: bannerSha256 }) };
    const session_hash = opened.session.tokenSha256;
    const noted = await this.#door.note(
      'session.open',
      { userId, address },
      { decision: 'allow', session_hash, request },
    );
    // What is not on record has not happened: the session before stays live.
    if (!noted.ok) return noted;
    this.#sessions.start(opened.session);
    return ok(opened);
  }

  async #isProved({ userId, password, factor }: Login): Promise<boolean> {
    const known = this.#governance.state().users.has(userId) ? this.#credentials.get(userId) : null;
    const right = await isPassword(known?.passwordHash ?? null, password);
    return known !== null && right && (await this.#factors.isProof(userId, known, factor));
  }

  /** An account that was switched off is told so, to whoever has proved to be its owner; signing in does not switch it on again. */
  #off(userId: string): Refusal | null {
    const { policy } = this.#governance;
    const state = this.#governance.state();
    const user = state.users.get(userId);
    if (user === undefined || user.frozen) return locked();
    return isIdle(state, policy, user, this.#governance.nowMs()) ? idleRefusal(policy) : null;
  }

  #isLocked(userId: string): boolean {
    return this.#failures.count(userId, this.#clock.nowMs()) >= this.#governance.policy.numbers.failuresMax;
  }

  /** @returns who a session token stands for; gates decide the rest. `use` starts its idle time anew, `peek` does not. */
  principalOf(token: string, how: 'use' | 'peek' = 'use'): Result<PersonPrincipal, Refusal> {
    const session = this.#sessions[how](token, this.#clock.nowMs());
    if (session === null) return fail(ended());
    // Gates compare with the governance clock, which never runs behind the ledger.
    const behindMs = this.#governance.nowMs() - this.#clock.nowMs();
    return ok({
      kind: 'person',
      userId: session.userId,
      sessionHash: session.tokenSha256,
      expiresAtMs: this.#sessions.endMs(session) + behindMs,
      mfa: true,
      steppedUpAtMs: session.steppedUpAtMs + behindMs,
      address: session.address,
    });
  }

  /** The second factor once more, for exports, exceptions and user administration; on record either way. */
  async stepUp(token: string, factor: SecondFactor): Promise<Result<null, Refusal>> {
    const nowMs = this.#clock.nowMs();
    const session = this.#sessions.use(token, nowMs);
    const known = session === null ? null : this.#credentials.get(session.userId);
    if (session === null || known === null) return fail(ended());
    if (this.#isLocked(session.userId)) return this.#door.refuse(session, locked(), 'session.step_up');
    this.#failures.add(session.userId, nowMs);
    if (!(await this.#factors.isProof(session.userId, known, factor))) {
      const wrong = refusal('MFA_REQUIRED', 'IV.C.2.a', 'that was not the right second factor');
      return this.#door.refuse(session, wrong, 'session.step_up');
    }
    this.#failures.clear(session.userId);
    const proved = { decision: 'allow', session_hash: session.tokenSha256 } as const;
    const noted = await this.#door.note('session.step_up', session, proved);
    if (!noted.ok) return noted;
    session.steppedUpAtMs = nowMs;
    return ok(null);
  }

  /** What a browser needs to answer with a passkey, for a login or a step-up; the same shape for unknown users. */
  passkeyOptions(userId: string, site: Site): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return this.#factors.passkeyOptions(userId, site);
  }

  /** What a browser needs to make a new passkey for the user of a session. */
  async newPasskeyOptions(token: string, site: Site): Promise<Result<PublicKeyCredentialCreationOptionsJSON, Refusal>> {
    const session = this.#fresh(token);
    return session.ok ? ok(await this.#factors.newPasskeyOptions(session.value.userId, site)) : session;
  }

  /** Adds the passkey a browser has made; recorded, and only shortly after a second factor. */
  async addPasskey(token: string, site: Site, response: RegistrationResponseJSON): Promise<Result<null, Refusal>> {
    const session = this.#fresh(token);
    if (!session.ok) return session;
    const passkey = await this.#factors.newPasskey(session.value.userId, site, response);
    if (passkey === null) {
      const sentence = 'that passkey does not answer the question asked; try again';
      return this.#door.refuse(session.value, refusal('MFA_REQUIRED', 'IV.C.2.a', sentence), 'credential.add');
    }
    const noted = await this.#door.note('credential.add', session.value, { decision: 'allow' });
    if (!noted.ok) return noted;
    this.#factors.keep(session.value.userId, passkey);
    return ok(null);
  }

  /** The session of a token, if the second factor was used in the last minutes. */
  #fresh(token: string): Result<Session, Refusal> {
    const nowMs = this.#clock.nowMs();
    const session = this.#sessions.use(token, nowMs);
    if (session === null) return fail(ended());
    const recent = nowMs - session.steppedUpAtMs <= this.#governance.policy.numbers.stepUpMinutes * minuteMs;
    return recent ? ok(session) : fail(refusal('MFA_REQUIRED', 'IV.C.2.a', 'confirm with your second factor first'));
  }

  /** When a live session ends: by idleness, and in any case. */
  endsOf(token: string): { readonly idleEndsAtMs: number; readonly endsAtMs: number } {
    const session = this.#sessions.peek(token, this.#clock.nowMs());
    return session === null ? { idleEndsAtMs: 0, endsAtMs: 0 } : this.#sessions.endsOf(session);
  }

  /** Refusals since this process began, by code; no user in it. */
  failures(): Readonly<Record<AuthFailure, number>> {
    return this.#door.failures.all();
  }

  isLoggedIn(userId: string): boolean {
    return this.#sessions.liveOf(userId, this.#clock.nowMs()) !== null;
  }

  async logout(token: string): Promise<void> {
    const session = this.#sessions.use(token, this.#clock.nowMs());
    if (session === null) return;
    this.#sessions.endAllOf(session.userId);
    await this.#door.note('session.close', session, { decision: 'allow', session_hash: session.tokenSha256 });
  }
}

function ended(): Refusal {
  return refusal('SESSION_EXPIRED', 'IV.C.2.a', 'your session has ended; log in again');
}

function locked(): Refusal {
  const sentence = 'this account is locked; wait a quarter of an hour or ask the administrator';
  return refusal('ACCOUNT_LOCKED', 'IV.C.2.a', sentence);
}
