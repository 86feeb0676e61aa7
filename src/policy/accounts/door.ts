import type { Result } from '../../data/result.js';
import type { Clock } from '../../observe/clock.js';
import { minuteMs } from '../command.js';
import type { Governance } from '../governance.js';
import type { JournalRecord } from '../journal.js';
import { type Refusal, refusal } from '../refusal.js';
import { Attempts } from './attempts.js';
import { AuthFailures } from './auth_failures.js';

/** Who knocks: a login as typed, known or not, and from where. */
export interface Knocking {
  readonly userId: string;
  readonly address: string | null;
}

interface Noted {
  readonly decision: 'allow' | 'refuse';
  readonly code?: string;
  readonly clause?: string;
  readonly session_hash?: string;
  readonly request?: { readonly replaced: boolean; readonly banner_sha256?: string };
}

/** What every way in has in common: attempts from one address are limited, and whatever comes of one is on record. */
export class Door {
  readonly #governance: Governance;
  readonly #clock: Clock;
  readonly #byAddress: Attempts;
  /** Of every way in. */
  readonly failures = new AuthFailures();

  constructor(governance: Governance, clock: Clock) {
    this.#governance = governance;
    this.#clock = clock;
    this.#byAddress = new Attempts(governance.policy.numbers.failureWindowMinutes * minuteMs);
  }

  /** Attempts from one address are limited before anything is looked up or computed. */
  throttle(address: string | null): Refusal | null {
    const [key, nowMs] = [address ?? 'local', this.#clock.nowMs()];
    if (this.#byAddress.count(key, nowMs) >= this.#governance.policy.numbers.attemptsPerAddressMax) {
      this.failures.count('RATE_LIMITED');
      return refusal('RATE_LIMITED', 'IV.C.2.a', 'too many attempts from this address; wait a quarter of an hour');
    }
    this.#byAddress.add(key, nowMs);
    return null;
  }

  /** A name nobody has is not written down: people type their passwords there. */
  async refuse(
    { userId, address }: Knocking,
    refused: Refusal,
    action: string,
  ): Promise<{ ok: false; error: Refusal }> {
    const known = this.#governance.state().users.has(userId);
    const { code, clause } = refused;
    this.failures.count(code);
    const who = { userId: known ? userId : 'unknown', address };
    const noted = await this.note(action, who, { decision: 'refuse', code, clause });
    return noted.ok ? { ok: false, error: { ...refused, sequence: noted.value.seq } } : noted;
  }

  note(action: string, { userId, address }: Knocking, noted: Noted): Promise<Result<JournalRecord, Refusal>> {
    const name = this.#governance.state().users.get(userId)?.name ?? userId;
    const from = address === null ? {} : { src_ip: address };
    return this.#governance.note({ action, actor_id: userId, actor_name: name, roles: [], ...from, ...noted });
  }
}

/** One answer for every cause. */
export function failed(): Refusal {
  return refusal('AUTH_FAILED', 'II.D', 'login, password and second factor do not fit together');
}
