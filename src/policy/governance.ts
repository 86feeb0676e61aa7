import type { Receipt } from '../data/receipt.js';
import { fail, ok, type Result } from '../data/result.js';
import type { Clock } from '../observe/clock.js';
import { cameraRefusal } from './areas/cameras.js';
import { activeEntries } from './areas/entries.js';
import { retentionDays } from './areas/retention.js';
import { isDeliverable, liveExceptions, loadableCategories } from './categories.js';
import { type Actor, type AnyCommand, type Context, minuteMs } from './command.js';
import { commands, unruled } from './commands.js';
import { type Duty, dutiesDue } from './duties.js';
import { fold } from './fold.js';
import { authorise } from './gates.js';
import type { Journal, JournalDraft, JournalFault, JournalRecord, Json } from './journal.js';
import { levelOf, type Policy, type Rule } from './policy_file.js';
import type { Principal } from './principal.js';
import { type Refusal, refusal, statusOf } from './refusal.js';
import { type Access, accessInput, accessRules } from './search.js';
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

/** What was done: the record's number, the id of what it made or changed, and clauses that only warn. */
export interface Done {
  readonly sequence: number;
  readonly record: JournalRecord;
  readonly warnings: readonly { readonly code: string; readonly clause: string }[];
}

export interface CommandCall {
  readonly action: string;
  readonly input: unknown;
}

/**
 * Who may do what, at this moment. A fold of the ledger: a command is authorised, decided, appended, and folded once it is durable;
 * nothing else changes the state. State-changing commands run one after another, each decided on the state its predecessor left.
 */
export class Governance {
  readonly #ledger: Journal;
  readonly #clock: Clock;
  readonly #policy: Policy;
  readonly #seed: () => string | null;
  readonly #state: GovernanceState;
  readonly #unsubscribe: () => void;
  readonly #startedAt: { wallMs: number; monotonicMs: number };
  #clockDoubtful: boolean;
  #queue: Promise<unknown> = Promise.resolve();

  /** Use {@link openGovernance}. */
  constructor(options: GovernanceOptions) {
    this.#ledger = options.ledger;
    this.#clock = options.clock;
    this.#policy = options.policy;
    this.#seed = options.seed ?? (() => null);
    this.#state = options.from ?? emptyState();
    options.ledger.replay(this.#state.sequence + 1, (record) => {
      fold(this.#state, record);
      return true;
    });
    this.#unsubscribe = options.ledger.subscribe((record) => fold(this.#state, record));
    this.#startedAt = { wallMs: options.clock.nowMs(), monotonicMs: options.clock.monotonicMs() };
    this.#clockDoubtful = this.#state.latestMs - options.clock.nowMs() > this.#jumpMs;
  }

  get policy(): Policy {
    return this.#policy;
  }

  state(): Readonly<GovernanceState> {
    return this.#state;
  }

  /** Never earlier than the last record, so that a clock set back revives nothing that has expired. */
  nowMs(): number {
    return Math.max(this.#clock.nowMs(), this.#state.latestMs);
  }

  get #jumpMs(): number {
    return this.#policy.numbers.clockJumpMinutesMax * minuteMs;
  }

  /** The wall clock has left the monotonic one by more than the policy allows, and nobody has confirmed it since. */
  get clockDoubtful(): boolean {
    const elapsedMs = this.#clock.monotonicMs() - this.#startedAt.monotonicMs;
    const jumpedMs = this.#clock.nowMs() - this.#startedAt.wallMs - elapsedMs;
    if (Math.abs(jumpedMs) > this.#jumpMs) this.#clockDoubtful = true;
    return this.#clockDoubtful;
  }

  /** The gates alone, nothing recorded; for showing what somebody may do. */
  authorise(principal: Principal, rule: Rule): Result<Actor, Refusal> {
    return authorise(this.#state, this.#policy, principal, rule, this.nowMs());
  }

  /** Authorises, decides, appends, folds, answers; a refusal is recorded before it is returned. */
  execute(call: CommandCall, principal: Principal): Promise<Result<Done, Refusal>> {
    const run = this.#queue.then(() => this.#execute(call, principal));
    this.#queue = run.catch(() => undefined);
    return run;
  }

  async #execute({ action, input }: CommandCall, principal: Principal): Promise<Result<Done, Refusal>> {
    const command = commands.get(action);
    const rule = ruleOf(this.#policy.commands, action);
    if (command === undefined || rule === undefined) {
      return this.#refuse(
        { action: 'command.unknown', principal },
        refusal('NOT_FOUND', 'II.E', 'there is no such command'),
      );
    }
    const actor = this.authorise(principal, rule);
    if (!actor.ok) return this.#refuse({ action, principal }, actor.error);
    const parsed = command.input.safeParse(input);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const sentence = `${issue?.path.join('.') || 'input'}: ${issue?.message ?? 'not valid'}`;
      return this.#refuse({ action, principal, actor: actor.value }, refusal('INPUT_INVALID', rule.clause, sentence));
    }
    return this.#decide(command, actor.value, parsed.data, principal);
  }

  async #decide(
    command: AnyCommand,
    actor: Actor,
    input: unknown,
    principal: Principal,
  ): Promise<Result<Done, Refusal>> {
    const context = this.#context(actor);
    const { refused, warnings } = this.#judge(command.rules(context, input));
    const objectId = command.object?.(input);
    const request = input as Json;
    const about = { action: command.action, principal, actor, request, objectId };
    if (refused !== null) return this.#refuse(about, refused, command.onRefusal?.(context, input, refused) ?? null);
    const effect = command.effect(context, input);
    const draft = { ...this.#draft(about), decision: 'allow' as const, effect };
    const answer = await this.#ledger.append(warnings.length > 0 ? { ...draft, warnings } : draft);
    if (!answer.ok) return fail(faulty(answer.error));
    if (command.action === 'clock.confirm') this.#clockConfirmed();
    return ok({ sequence: answer.value.seq, record: answer.value, warnings });
  }

  /** The first refusal of a clause that refuses; those that only warn are collected on the way. */
  #judge(rules: Iterable<Refusal | null>): { refused: Refusal | null; warnings: { code: string; clause: string }[] } {
    const warnings: { code: string; clause: string }[] = [];
    const always: readonly string[] = ['NOT_FOUND', 'SELF_APPROVAL', 'INPUT_INVALID', 'WRONG_STATE'];
    for (const found of rules) {
      if (found === null) continue;
      if (levelOf(this.#policy, found.clause) === 'refuse' || always.includes(found.code))
        return { refused: found, warnings };
      warnings.push({ code: found.code, clause: found.clause });
    }
    return { refused: null, warnings };
  }

  /**
   * Asks to see plates: gates, reason and procedure, then a durable intent. The receipt is what a query takes; its outcome must be
   * recorded before the first byte of the result leaves [IV.C.6.a].
   */
  async openAccess(
    action: string,
    input: unknown,
    principal: Principal,
  ): Promise<Result<{ receipt: Receipt; access: Access }, Refusal>> {
    const rule = ruleOf(this.#policy.accesses, action);
    if (rule === undefined)
      return this.#refuse({ action: 'access.unknown', principal }, refusal('NOT_FOUND', 'II.E', 'no such access'));
    const actor = this.authorise(principal, rule);
    if (!actor.ok) return this.#refuse({ action, principal }, actor.error);
    const parsed = accessInput.safeParse(input);
    if (!parsed.success) {
      const sentence = `${parsed.error.issues[0]?.path.join('.') || 'input'}: ${parsed.error.issues[0]?.message}`;
      return this.#refuse({ action, principal, actor: actor.value }, refusal('INPUT_INVALID', rule.clause, sentence));
    }
    const access = parsed.data;
    const { reason, ...request } = access;
    const about = {
      action,
      principal,
      actor: actor.value,
      request: request as Json,
      reason: reason as Json,
      objectId: access.objectId ?? undefined,
    };
    const asked = {
      state: this.#state,
      policy: this.#policy,
      nowMs: this.nowMs(),
      userId: actor.value.id,
      action,
      access,
    };
    const { refused } = this.#judge(accessRules(asked));
    if (refused !== null) return this.#refuse(about, refused);
    const receipt = await this.#ledger.intent(this.#draft(about));
    return receipt.ok ? ok({ receipt: receipt.value, access }) : fail(faulty(receipt.error));
  }

  /** Records what is no command: logins, lock-outs, sessions. */
  async note(draft: JournalDraft): Promise<Result<JournalRecord, Refusal>> {
    const answer = await this.#ledger.append(draft);
    return answer.ok ? answer : fail(faulty(answer.error));
  }

  async #refuse(about: About, refused: Refusal, effect: Json | null = null): Promise<{ ok: false; error: Refusal }> {
    const { code, clause } = refused;
    const draft = { ...this.#draft(about), decision: 'refuse' as const, code, clause };
    const answer = await this.#ledger.append(effect === null ? draft : { ...draft, effect });
    return answer.ok ? fail({ ...refused, sequence: answer.value.seq }) : fail(faulty(answer.error));
  }

  #draft({ action, principal, actor, request, reason, objectId }: About): Omit<JournalDraft, 'decision'> {
    const who =
      principal.kind === 'system'
        ? { actor_id: `SYS:${principal.process}`, actor_name: principal.process, roles: ['system'] }
        : {
            actor_id: principal.userId,
            actor_name: actor?.name ?? this.#state.users.get(principal.userId)?.name ?? '',
            roles: actor?.roles ?? [],
            session_hash: principal.sessionHash,
            auth_level: principal.mfa ? 'mfa' : 'password',
            ...(principal.address !== null && { src_ip: principal.address }),
          };
    return {
      action,
      ...who,
      ...(objectId !== undefined && { object_id: objectId }),
      ...(request !== undefined && { request }),
      ...(reason !== undefined && { reason }),
    };
  }

  #context(actor: Actor): Context {
    const { clockDoubtful } = this;
    const base = { state: this.#state, policy: this.#policy, nowMs: this.nowMs(), actor, clockDoubtful };
    return { ...base, seed: this.#seed() ?? '', sequence: this.#ledger.size };
  }

  #clockConfirmed(): void {
    this.#clockDoubtful = false;
    this.#startedAt.wallMs = this.#clock.nowMs();
    this.#startedAt.monotonicMs = this.#clock.monotonicMs();
  }

  suspended(): boolean {
    return this.#state.suspension !== null;
  }

  retentionDays(): number {
    return retentionDays(this.#state, this.#policy);
  }

  liveExceptions(): Exception[] {
    return liveExceptions(this.#state, this.nowMs());
  }

  /** Categories the hot list may hold at this moment [IV.A.3, IV.A.4]. */
  loadableCategories(): Set<string> {
    return loadableCategories(this.#state, this.#policy, this.nowMs());
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
    return isDeliverable(this.#state, this.#policy, userId, category, this.nowMs());
  }

  /** Why frames of this camera may not be used now, or `null` [IV.B.1.a(9), IV.B.2.a(3)]. */
  cameraRefusal(cameraId: string): Refusal | null {
    return cameraRefusal(this.#state, this.#policy, cameraId, this.nowMs());
  }

  cameraInService(cameraId: string): boolean {
    return this.cameraRefusal(cameraId) === null;
  }

  dutiesDue(): Duty[] {
    return dutiesDue(this.#state, this.#policy, this.nowMs());
  }

  close(): void {
    this.#unsubscribe();
  }
}

interface About {
  readonly action: string;
  readonly principal: Principal;
  readonly actor?: Actor;
  readonly request?: Json;
  readonly reason?: Json;
  readonly objectId?: string | undefined;
}

/** Own names only: `constructor` is no command. */
function ruleOf(rules: Readonly<Record<string, Rule>>, action: string): Rule | undefined {
  return Object.hasOwn(rules, action) ? rules[action] : undefined;
}

function faulty(fault: JournalFault): Refusal {
  return {
    status: statusOf[fault.code],
    code: fault.code,
    clause: 'IV.C.6.a',
    sentence: fault.sentence,
    sequence: null,
  };
}

/** @returns the governance of a ledger, or why the policy file does not fit the program. */
export function openGovernance(options: GovernanceOptions): Result<Governance, string> {
  const wrong = unruled(options.policy);
  return wrong === null ? ok(new Governance(options)) : fail(wrong);
}
