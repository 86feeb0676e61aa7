import { timingSafeEqual } from 'node:crypto';
import { fail, ok, type Result } from '../../data/result.js';
import { userIdField } from '../areas/fields.js';
import { hourMs } from '../command.js';
import type { Governance } from '../governance.js';
import { type Refusal, refusal } from '../refusal.js';
import type { Credentials } from './credentials.js';
import { type Door, failed } from './door.js';
import { hashPassword, passwordProblem } from './passwords.js';
import { newToken, type Sessions, sha256 } from './sessions.js';
import { newTotpSecret, totpUri } from './totp.js';

/** Handed to the person by the administrator; good once, until then. */
export interface EnrolmentToken {
  readonly userId: string;
  readonly token: string;
  readonly untilMs: number;
}

/** What the person puts into an authenticator app; shown once. */
export interface Enrolment {
  readonly totpSecret: string;
  readonly totpUri: string;
}

const enrolmentMs = 72 * hourMs;

/** How somebody gets a password and a first second factor: by a one-time token, and in no other way. */
export class Enrolments {
  readonly #governance: Governance;
  readonly #credentials: Credentials;
  readonly #sessions: Sessions;
  readonly #door: Door;

  constructor(parts: { governance: Governance; credentials: Credentials; sessions: Sessions; door: Door }) {
    this.#governance = parts.governance;
    this.#credentials = parts.credentials;
    this.#sessions = parts.sessions;
    this.#door = parts.door;
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
    address: string | null = null,
  ): Promise<Result<Enrolment, Refusal>> {
    const { userId, name } = person;
    const throttled = this.#door.throttle(address);
    if (throttled !== null) return fail(throttled);
    if (this.#governance.state().users.size > 0 || !isToken(token, this.#credentials.bootstrapSha256))
      return this.#door.refuse({ userId, address }, failed(), 'system.bootstrap');
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
  issue(userId: string): EnrolmentToken {
    const token = newToken();
    this.#sessions.endAllOf(userId);
    const untilMs = this.#governance.nowMs() + enrolmentMs;
    const enrolment = { tokenSha256: sha256(token), untilMs };
    this.#credentials.set(userId, { enrolment, passwordHash: null, totp: null, passkeys: [] });
    return { userId, token, untilMs };
  }

  /** Sets the password with the one-time token; the first sign-in proves the second factor. On record either way. */
  async enrol(
    userId: string,
    token: string,
    password: string,
    address: string | null = null,
  ): Promise<Result<Enrolment, Refusal>> {
    const throttled = this.#door.throttle(address);
    if (throttled !== null) return fail(throttled);
    const user = this.#governance.state().users.get(userId);
    const enrolment = this.#credentials.get(userId)?.enrolment ?? null;
    const valid =
      enrolment !== null && this.#governance.nowMs() < enrolment.untilMs && isToken(token, enrolment.tokenSha256);
    if (user === undefined || !valid) return this.#door.refuse({ userId, address }, failed(), 'credential.enrol');
    const problem = this.#passwordProblem({ userId, name: user.name, password });
    if (problem !== null) return fail(problem);
    const noted = await this.#door.note('credential.enrol', { userId, address }, { decision: 'allow' });
    return noted.ok ? ok(await this.#setPassword(userId, password)) : noted;
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
}

function isToken(token: string, tokenSha256: string | null): boolean {
  return tokenSha256 !== null && timingSafeEqual(Buffer.from(sha256(token)), Buffer.from(tokenSha256));
}
