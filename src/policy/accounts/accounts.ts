import { timingSafeEqual } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { fail, ok, type Result } from '../../data/result.js';
import type { Clock } from '../../observe/clock.js';
import { userIdField } from '../areas/fields.js';
import { hourMs, minuteMs } from '../command.js';
import type { Governance } from '../governance.js';
import type { PersonPrincipal } from '../principal.js';
import { type Refusal, refusal } from '../refusal.js';
import { Attempts } from './attempts.js';
import { Challenges } from './challenges.js';
import type { Credential, Credentials } from './credentials.js';
import { authenticated, authenticationOptions, registered, registrationOptions, type Site } from './passkeys.js';
import { hashPassword, isPassword, passwordProblem } from './passwords.js';
import { newToken, type Session, Sessions, sha256 } from './sessions.js';
import { matchTotp, newTotpSecret, totpUri } from './totp.js';

export interface AccountsOptions {
  readonly governance: Governance;
  readonly credentials: Credentials;
  readonly clock: Clock;
}

/** A second factor: a code of an authenticator app, or a passkey's answer to a challenge this program made. */
export type SecondFactor =
  | { readonly kind: 'totp'; readonly code: string }
  | {
      readonly kind: 'passkey';
      readonly site: Site;
      readonly response: AuthenticationResponseJSON;
    };

export interface Login {
  readonly userId: string;
  readonly password: string;
  readonly factor: SecondFactor;
  readonly address: string | null;
  /** Ends the user's other session instead of being refused. */
  readonly replace?: boolean;
}

const enrolmentMs = 72 * hourMs;

/** Who somebody is: logins, second factors, sessions. What they may do is governance's business alone. */
export class Accounts {
  readonly #governance: Governance;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  readonly #failures: Attempts;
  readonly #byAddress: Attempts;
  readonly #challenges = new Challenges(5 * minuteMs);

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
    this.#byAddress = new Attempts(numbers.failureWindowMinutes * minuteMs);
  }

  /** A token to print on the console of the machine, once, while there is no user; `null` afterwards. A new one voids the old. */
  firstToken(): string | null {
    if (this.#governance.state().users.size > 0) return null;
    const token = newToken();
    this.#credentials.setBootstrap(sha256(token));
    return token;
  }

  /** The first administrator, by the console's token; works once and only on an empty system. */
  async bootstrap(
    token: string,
    person: { userId: string; name: string; password: string },
  ): Promise<Result<Enrolment, Refusal>> {
    const { userId, name } = person;
    if (this.#governance.state().users.size > 0 || !isToken(token, this.#credentials.bootstrapSha256))
      return fail(this.#failed());
    if (!userIdField.safeParse(userId).success || name.trim() === '') {
      return fail(refusal('INPUT_INVALID', 'IV.C.4', 'a login is 2 to 32 of a-z 0-9 . _ -, and a name is needed'));
    }
    const problem = this.#passwordProblem(person);
    if (problem !== null) return fail(problem);
    const author = { actor_id: userId, actor_name: name, roles: [], decision: 'allow' as const };
    const noted = await this.#governance.note({ action: 'system.bootstrap', ...author, effect: { userId, name } });
    if (!noted.ok) return noted;
    this.#credentials.setBootstrap(null);
    return ok(await this.#setPassword(userId, person.password));
  }

  /** A one-time token for a new user, or one who lost a factor; made after `user.create` or `user.recover` was allowed. */
  issueEnrolment(userId: string): string {
    const token = newToken();
    this.#sessions.endAllOf(userId);
    const enrolment = { tokenSha256: sha256(token), untilMs: this.#governance.nowMs() + enrolmentMs };
    this.#credentials.set(userId, { enrolment, passwordHash: null, totp: null, passkeys: [] });
    return token;
  }

  /** Sets the password with the one-time token; the second factor follows with `confirmTotp`. */
  async enrol(userId: string, token: string, password: string): Promise<Result<Enrolment, Refusal>> {
    const user = this.#governance.state().users.get(userId);
    const enrolment = this.#credentials.get(userId)?.enrolment ?? null;
    const valid =
      enrolment !== null && this.#governance.nowMs() < enrolment.untilMs && isToken(token, enrolment.tokenSha256);
    if (user === undefined || !valid) return fail(this.#failed());
    const problem = this.#passwordProblem({ userId, name: user.name, password });
    return problem === null ? ok(await this.#setPassword(userId, password)) : fail(problem);
  }

  async #setPassword(userId: string, password: string): Promise<Enrolment> {
    const secret = newTotpSecret();
    const totp = { secret, lastStep: 0, confirmed: false };
    this.#credentials.set(userId, { passwordHash: await hashPassword(password), totp, enrolment: null });
    return { totpSecret: secret, totpUri: totpUri(secret, userId) };
  }

  #passwordProblem(person: { userId: string; name: string; password: string }): Refusal | null {
    const charsMin = this.#governance.policy.numbers.passwordCharsMin;
    const problem = passwordProblem(person.password, { charsMin, ...person });
    return problem === null ? null : refusal('INPUT_INVALID', 'II.D', `choose another password: ${problem}`);
  }

  /** Password and second factor together; one answer for every cause of failure, throttled by address, locked by user. */
  async login(asked: Login): Promise<Result<{ token: string; session: Session }, Refusal>> {
    const nowMs = this.#clock.nowMs();
    const address = asked.address ?? 'local';
    const { attemptsPerAddressMax, failuresMax } = this.#governance.policy.numbers;
    if (this.#byAddress.count(address, nowMs) >= attemptsPerAddressMax) {
      return fail(
        refusal('RATE_LIMITED', 'IV.C.2.a', 'too many attempts from this address; wait a quarter of an hour'),
      );
    }
    this.#byAddress.add(address, nowMs);
    if (this.#failures.count(asked.userId, nowMs) >= failuresMax) return this.#refuse(asked, this.#locked());
    if (!(await this.#isProved(asked))) {
      this.#failures.add(asked.userId, nowMs);
      return this.#refuse(asked, this.#failed());
    }
    if (this.#governance.state().users.get(asked.userId)?.frozen) return this.#refuse(asked, this.#locked());
    const other = this.#sessions.liveOf(asked.userId, nowMs);
    if (other !== null && !asked.replace) {
      const sentence = 'you are logged in elsewhere; log out there, or end that session now';
      return this.#refuse(asked, refusal('SESSION_IN_USE', 'IV.C.5', sentence));
    }
    return this.#open(asked, nowMs, other !== null);
  }

  async #open(
    { userId, address }: Login,
    nowMs: number,
    replaced: boolean,
  ): Promise<Result<{ token: string; session: Session }, Refusal>> {
    const opened = this.#sessions.open(userId, address, nowMs);
    const request = { replaced };
    const noted = await this.#note('session.open', userId, address, {
      decision: 'allow',
      session_hash: opened.session.tokenSha256,
      request,
    });
    if (!noted.ok) {
      this.#sessions.endAllOf(userId);
      return noted;
    }
    this.#failures.clear(userId);
    return ok(opened);
  }

  async #isProved({ userId, password, factor }: Login): Promise<boolean> {
    const known = this.#governance.state().users.has(userId) ? this.#credentials.get(userId) : null;
    const right = await isPassword(known?.passwordHash ?? null, password);
    return known !== null && right && (await this.#isFactor(userId, known, factor));
  }

  async #isFactor(userId: string, known: Credential, factor: SecondFactor): Promise<boolean> {
    if (factor.kind === 'totp') {
      const { totp } = known;
      const step = totp === null ? null : matchTotp(totp.secret, factor.code, this.#clock.nowMs(), totp.lastStep);
      if (totp === null || step === null) return false;
      this.#credentials.set(userId, { totp: { ...totp, lastStep: step, confirmed: true } });
      return true;
    }
    const challenge = this.#challenges.take(userId, this.#clock.nowMs());
    const passkey = challenge && (await authenticated(factor.site, challenge, known.passkeys, factor.response));
    if (!passkey) return false;
    this.#credentials.set(userId, { passkeys: known.passkeys.map((one) => (one.id === passkey.id ? passkey : one)) });
    return true;
  }

  /** @returns who a session token stands for, its idle time started anew; gates decide the rest. */
  principalOf(token: string): Result<PersonPrincipal, Refusal> {
    const session = this.#sessions.use(token, this.#clock.nowMs());
    if (session === null) return fail(refusal('SESSION_EXPIRED', 'IV.C.2.a', 'your session has ended; log in again'));
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

  /** The second factor once more, for exports, exceptions and user administration. */
  async stepUp(token: string, factor: SecondFactor): Promise<Result<null, Refusal>> {
    const nowMs = this.#clock.nowMs();
    const session = this.#sessions.use(token, nowMs);
    const known = session === null ? null : this.#credentials.get(session.userId);
    if (session === null || known === null)
      return fail(refusal('SESSION_EXPIRED', 'IV.C.2.a', 'your session has ended; log in again'));
    if (this.#failures.count(session.userId, nowMs) >= this.#governance.policy.numbers.failuresMax)
      return fail(this.#locked());
    if (!(await this.#isFactor(session.userId, known, factor))) {
      this.#failures.add(session.userId, nowMs);
      return fail(refusal('MFA_REQUIRED', 'IV.C.2.a', 'that was not the right second factor'));
    }
    session.steppedUpAtMs = nowMs;
    return ok(null);
  }

  /** What a browser needs to answer with a passkey, for a login or a step-up; the same shape for unknown users. */
  async passkeyOptions(userId: string, site: Site): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const options = await authenticationOptions(site, this.#credentials.get(userId)?.passkeys ?? []);
    this.#challenges.give(userId, options.challenge, this.#clock.nowMs());
    return options;
  }

  /** What a browser needs to make a new passkey for the user of a session. */
  async newPasskeyOptions(token: string, site: Site): Promise<Result<PublicKeyCredentialCreationOptionsJSON, Refusal>> {
    const session = this.#fresh(token);
    if (!session.ok) return session;
    const { userId } = session.value;
    const options = await registrationOptions(site, userId, this.#credentials.get(userId)?.passkeys ?? []);
    this.#challenges.give(userId, options.challenge, this.#clock.nowMs());
    return ok(options);
  }

  /** Adds the passkey a browser has made; recorded, and only shortly after a second factor. */
  async addPasskey(token: string, site: Site, response: RegistrationResponseJSON): Promise<Result<null, Refusal>> {
    const session = this.#fresh(token);
    if (!session.ok) return session;
    const { userId, address } = session.value;
    const challenge = this.#challenges.take(userId, this.#clock.nowMs());
    const passkey = challenge && (await registered(site, challenge, response));
    if (!passkey)
      return fail(refusal('MFA_REQUIRED', 'IV.C.2.a', 'that passkey does not answer the question asked; try again'));
    const noted = await this.#note('credential.add', userId, address, { decision: 'allow' });
    if (!noted.ok) return noted;
    const passkeys = this.#credentials.get(userId)?.passkeys ?? [];
    this.#credentials.set(userId, { passkeys: [...passkeys, passkey] });
    return ok(null);
  }

  /** The session of a token, if the second factor was used in the last minutes. */
  #fresh(token: string): Result<Session, Refusal> {
    const nowMs = this.#clock.nowMs();
    const session = this.#sessions.use(token, nowMs);
    if (session === null) return fail(refusal('SESSION_EXPIRED', 'IV.C.2.a', 'your session has ended; log in again'));
    const recent = nowMs - session.steppedUpAtMs <= this.#governance.policy.numbers.stepUpMinutes * minuteMs;
    return recent ? ok(session) : fail(refusal('MFA_REQUIRED', 'IV.C.2.a', 'confirm with your second factor first'));
  }

  async logout(token: string): Promise<void> {
    const session = this.#sessions.use(token, this.#clock.nowMs());
    if (session === null) return;
    this.#sessions.endAllOf(session.userId);
    await this.#note('session.close', session.userId, session.address, {
      decision: 'allow',
      session_hash: session.tokenSha256,
    });
  }

  #failed(): Refusal {
    return refusal('AUTH_FAILED', 'II.D', 'login, password and second factor do not fit together');
  }

  #locked(): Refusal {
    return refusal(
      'ACCOUNT_LOCKED',
      'IV.C.2.a',
      'this account is locked; wait a quarter of an hour or ask the administrator',
    );
  }

  async #refuse({ userId, address }: Login, refused: Refusal): Promise<{ ok: false; error: Refusal }> {
    const known = this.#governance.state().users.has(userId);
    const { code, clause } = refused;
    const noted = await this.#note('session.open', known ? userId : 'unknown', address, {
      decision: 'refuse',
      code,
      clause,
    });
    return noted.ok ? fail({ ...refused, sequence: noted.value.seq }) : noted;
  }

  #note(
    action: string,
    userId: string,
    address: string | null,
    more: {
      decision: 'allow' | 'refuse';
      code?: string;
      clause?: string;
      session_hash?: string;
      request?: { replaced: boolean };
    },
  ) {
    const name = this.#governance.state().users.get(userId)?.name ?? userId;
    const from = address === null ? {} : { src_ip: address };
    return this.#governance.note({ action, actor_id: userId, actor_name: name, roles: [], ...from, ...more });
  }
}

/** What the person puts into an authenticator app; shown once. */
export interface Enrolment {
  readonly totpSecret: string;
  readonly totpUri: string;
}

function isToken(token: string, tokenSha256: string | null): boolean {
  return tokenSha256 !== null && timingSafeEqual(Buffer.from(sha256(token)), Buffer.from(tokenSha256));
}
