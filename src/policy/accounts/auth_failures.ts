import type { Code } from '../refusal.js';

/** Why somebody could not show who they are; a closed list, because it labels a metric. */
const codes = [
  'AUTH_FAILED',
  'ACCOUNT_LOCKED',
  'RATE_LIMITED',
  'SESSION_IN_USE',
  'MFA_REQUIRED',
  'NOT_DESIGNATED',
] as const satisfies readonly Code[];
export type AuthFailure = (typeof codes)[number];

/** Refused sign-ins, enrolments and second factors since this process began. */
export class AuthFailures {
  readonly #counts = Object.fromEntries(codes.map((code) => [code, 0])) as Record<AuthFailure, number>;

  count(code: Code): void {
    if ((codes as readonly string[]).includes(code)) this.#counts[code as AuthFailure] += 1;
  }

  all(): Readonly<Record<AuthFailure, number>> {
    return { ...this.#counts };
  }
}
