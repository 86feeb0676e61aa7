import type { Result } from '../data/result.js';
import type { Clock } from '../observe/clock.js';
import { cameraRefusal } from './areas/cameras.js';
import { activeEntries } from './areas/entries.js';
import { custodianRefusal } from './areas/outside.js';
import { retentionDays } from './areas/retention.js';
import { isDeliverable, liveExceptions, loadableCategories } from './categories.js';
import { ClockWatch } from './clock_watch.js';
import { type Actor, minuteMs } from './command.js';
import { type Duty, dutiesDue } from './duties.js';
import { fold } from './fold.js';
import { authorise } from './gates.js';
import type { Journal } from './journal.js';
import type { Policy, Rule } from './policy_file.js';
import type { Principal } from './principal.js';
import type { Refusal } from './refusal.js';
import { type Entry, type Exception, emptyState, type GovernanceState } from './state.js';

export interface GovernanceOptions {
  readonly ledger: Journal;
  readonly policy: Policy;
  readonly clock: Clock;
  /** Root of the latest signed checkpoint; seeds audit samples. */
  readonly seed?: () => string | null;
  /** A state to start from instead of the first record; see `snapshot.ts`. */
  readonly from?: GovernanceState;
}

/** What is so at this moment: the fold of the ledger, and the answers that follow from it. Asking changes nothing. */
export class GovernedState {
  readonly policy: Policy;
  readonly #clock: Clock;
  readonly #state: GovernanceState;
  readonly #unsubscribe: () => void;
  protected readonly clockWatch: ClockWatch;

  constructor({ ledger, policy, clock, from }: GovernanceOptions) {
    this.policy = policy;
    this.#clock = clock;
    this.#state = from ?? emptyState();
    ledger.replay(this.#state.sequence + 1, (record) => {
      fold(this.#state, record);
      return true;
    });
    this.#unsubscribe = ledger.subscribe((record) => fold(this.#state, record));
    this.clockWatch = new ClockWatch(clock, policy.numbers.clockJumpMinutesMax * minuteMs, this.#state.latestMs);
  }

  state(): Readonly<GovernanceState> {
    return this.#state;
  }

  /** Never earlier than the last record, so that a clock set back revives nothing that has expired. */
  nowMs(): number {
    return Math.max(this.#clock.nowMs(), this.#state.latestMs);
  }

  /** The wall clock has left the monotonic one by more than the policy allows, and nobody has confirmed it since. */
  get clockDoubtful(): boolean {
    return this.clockWatch.doubtful;
  }

  /** The gates alone, nothing recorded; for showing what somebody may do. */
  authorise(principal: Principal, rule: Rule): Result<Actor, Refusal> {
    return authorise(this.#state, this.policy, principal, rule, this.nowMs());
  }

  suspended(): boolean {
    return this.#state.suspension !== null;
  }

  retentionDays(): number {
    return retentionDays(this.#state, this.policy);
  }

  liveExceptions(): Exception[] {
    return liveExceptions(this.#state, this.nowMs());
  }

  /** Categories the hot list may hold at this moment [IV.A.3, IV.A.4]. */
  loadableCategories(): Set<string> {
    return loadableCategories(this.#state, this.policy, this.nowMs());
  }

  /** Manual entries that match at this moment [IV.A.7]. */
  activeEntries(): Entry[] {
    return activeEntries(this.#state, this.nowMs());
  }

  profileOf(userId: string): readonly string[] | null {
    return this.#state.profiles.get(userId) ?? null;
  }

  /** Whether this user is to see an alert of this category now [IV.A.3, III.L]. */
  isDeliverable(userId: string, category: string): boolean {
    return isDeliverable(this.#state, this.policy, userId, category, this.nowMs());
  }

  /** Why frames of this camera may not be used now, or `null` [IV.B.1.a(9), IV.B.2.a(3)]. */
  cameraRefusal(cameraId: string): Refusal | null {
    return cameraRefusal(this.#state, this.policy, cameraId, this.nowMs());
  }

  /** Why nobody may keep bulk reads now, or `null`: only a vendor with current papers does [IV.F.1]. */
  keepingRefusal(): Refusal | null {
    return custodianRefusal(this.#state, this.nowMs());
  }

  cameraInService(cameraId: string): boolean {
    return this.cameraRefusal(cameraId) === null;
  }

  dutiesDue(): Duty[] {
    return dutiesDue(this.#state, this.policy, this.nowMs());
  }

  close(): void {
    this.#unsubscribe();
  }
}
