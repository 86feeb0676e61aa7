import type { z } from 'zod';
import type { Receipt } from '../data/receipt.js';
import { fail, ok, type Result } from '../data/result.js';
import type { Actor, AnyCommand, Context } from './command.js';
import { commands, unruled } from './commands.js';
import { type GovernanceOptions, GovernedState } from './governed_state.js';
import type { Journal, JournalDraft, JournalRecord, Json } from './journal.js';
import { judge, type Warning } from './judge.js';
import type { Rule } from './policy_file.js';
import type { Principal } from './principal.js';
import { type About, faulty, Recorder } from './recorder.js';
import { type Refusal, refusal } from './refusal.js';
import { type Access, accessInput, accessRules } from './search.js';

/** What was done: the record's number, the id of what it made or changed, and clauses that only warn. */
export interface Done {
  readonly sequence: number;
  readonly record: JournalRecord;
  readonly warnings: readonly Warning[];
}

export interface CommandCall {
  readonly action: string;
  readonly input: unknown;
}

/**
 * Who may do what, at this moment. A fold of the ledger: a command is authorised, decided, appended, and folded once it is durable;
 * nothing else changes the state. State-changing commands run one after another, each decided on the state its predecessor left.
 */
export class Governance extends GovernedState {
  readonly #ledger: Journal;
  readonly #recorder: Recorder;
  readonly #seed: () => string | null;
  #queue: Promise<unknown> = Promise.resolve();

  /** Use {@link openGovernance}. */
  constructor(options: GovernanceOptions) {
    super(options);
    this.#ledger = options.ledger;
    this.#recorder = new Recorder(options.ledger, (userId) => this.state().users.get(userId)?.name ?? '');
    this.#seed = options.seed ?? (() => null);
  }

  /** Authorises, decides, appends, folds, answers; a refusal is recorded before it is returned. */
  execute(call: CommandCall, principal: Principal): Promise<Result<Done, Refusal>> {
    const run = this.#queue.then(() => this.#execute(call, principal));
    this.#queue = run.catch(() => undefined);
    return run;
  }

  async #execute({ action, input }: CommandCall, principal: Principal): Promise<Result<Done, Refusal>> {
    const command = commands.get(action);
    const rule = ruleOf(this.policy.commands, action);
    if (command === undefined || rule === undefined) {
      const about = { action: 'command.unknown', principal };
      return this.#recorder.refuse(about, refusal('NOT_FOUND', 'II.E', 'there is no such command'));
    }
    const asked = await this.#admit({ action, principal }, rule, command.input, input);
    return asked.ok ? this.#decide(command, asked.value.actor, asked.value.input, principal) : asked;
  }

  /** The gates, then the shape of what is asked; either refusal is on record. */
  async #admit<Input>(
    about: About,
    rule: Rule,
    schema: z.ZodType<Input>,
    input: unknown,
  ): Promise<Result<{ readonly actor: Actor; readonly input: Input }, Refusal>> {
    const actor = this.authorise(about.principal, rule);
    if (!actor.ok) return this.#recorder.refuse(about, actor.error);
    const parsed = schema.safeParse(input);
    if (parsed.success) return ok({ actor: actor.value, input: parsed.data });
    const issue = parsed.error.issues[0];
    const sentence = `${issue?.path.join('.') || 'input'}: ${issue?.message ?? 'not valid'}`;
    return this.#recorder.refuse({ ...about, actor: actor.value }, refusal('INPUT_INVALID', rule.clause, sentence));
  }

  async #decide(
    command: AnyCommand,
    actor: Actor,
    input: unknown,
    principal: Principal,
  ): Promise<Result<Done, Refusal>> {
    const context = this.#context(actor);
    const { refused, warnings } = judge(this.policy, command.rules(context, input));
    const about = {
      action: command.action,
      principal,
      actor,
      request: input as Json,
      objectId: objectOf(command, input),
    };
    if (refused !== null)
      return this.#recorder.refuse(about, refused, command.onRefusal?.(context, input, refused) ?? null);
    const effect = command.effect(context, input);
    const draft = { ...this.#recorder.draft(about), decision: 'allow' as const, effect };
    const answer = await this.#recorder.append(warnings.length > 0 ? { ...draft, warnings: [...warnings] } : draft);
    if (!answer.ok) return answer;
    if (command.action === 'clock.confirm') this.clockWatch.confirm();
    return ok({ sequence: answer.value.seq, record: answer.value, warnings });
  }

  #context(actor: Actor): Context {
    const { policy, clockDoubtful } = this;
    const now = { state: this.state(), policy, nowMs: this.nowMs(), actor, clockDoubtful };
    return { ...now, seed: this.#seed() ?? '', sequence: this.#ledger.size };
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
    const rule = ruleOf(this.policy.accesses, action);
    if (rule === undefined) {
      const about = { action: 'access.unknown', principal };
      return this.#recorder.refuse(about, refusal('NOT_FOUND', 'II.E', 'there is no such access'));
    }
    const asked = await this.#admit({ action, principal }, rule, accessInput, input);
    if (!asked.ok) return asked;
    const { actor, input: access } = asked.value;
    const { reason, ...request } = access;
    const objectId = access.objectId ?? undefined;
    const about = { action, principal, actor, request: request as Json, reason: reason as Json, objectId };
    const { policy } = this;
    const question = { state: this.state(), policy, nowMs: this.nowMs(), userId: actor.id, action, access };
    const { refused } = judge(policy, accessRules(question));
    if (refused !== null) return this.#recorder.refuse(about, refused);
    const receipt = await this.#intent(about);
    return receipt.ok ? ok({ receipt: receipt.value, access }) : receipt;
  }

  /**
   * Asks to look at something that is no bulk data: the gates alone. A refusal is recorded, and where the rule says so the look
   * itself, before anything is shown [IV.C.2.a].
   */
  async look(view: string, principal: Principal, request?: Json): Promise<Result<Actor, Refusal>> {
    const about = { action: 'view.show', principal, objectId: view, ...(request !== undefined && { request }) };
    const rule = ruleOf(this.policy.views, view);
    if (rule === undefined) return this.#recorder.refuse(about, refusal('NOT_FOUND', 'II.E', 'there is no such view'));
    const actor = this.authorise(principal, rule);
    if (!actor.ok) return this.#recorder.refuse(about, actor.error);
    if (!rule.recorded) return actor;
    const noted = await this.note({ ...this.#recorder.draft({ ...about, actor: actor.value }), decision: 'allow' });
    return noted.ok ? actor : noted;
  }

  /** Asks to see the pictures of an object one works on already; its hit is the reason. A durable intent, as of any access. */
  async openLook(
    view: string,
    principal: Principal,
    objectId: string,
    request: Json,
  ): Promise<Result<Receipt, Refusal>> {
    const actor = await this.look(view, principal, { objectId });
    return actor.ok ? this.#intent({ action: view, principal, actor: actor.value, objectId, request }) : actor;
  }

  async #intent(about: About): Promise<Result<Receipt, Refusal>> {
    const receipt = await this.#ledger.intent(this.#recorder.draft(about));
    return receipt.ok ? receipt : fail(faulty(receipt.error));
  }

  /** Records what is no command: logins, lock-outs, sessions. */
  note(draft: JournalDraft): Promise<Result<JournalRecord, Refusal>> {
    return this.#recorder.append(draft);
  }

  /** Records that something was asked that could not be decided: criteria that make no sense, a picture that is damaged. */
  turnDown(
    action: string,
    principal: Principal,
    refused: Refusal,
    request?: Json,
  ): Promise<{ ok: false; error: Refusal }> {
    return this.#recorder.refuse({ action, principal, ...(request !== undefined && { request }) }, refused);
  }
}

/** Own names only: `constructor` is no command. */
function ruleOf(rules: Readonly<Record<string, Rule>>, action: string): Rule | undefined {
  return Object.hasOwn(rules, action) ? rules[action] : undefined;
}

/** @returns the governance of a ledger, or why the policy file does not fit the program. */
export function openGovernance(options: GovernanceOptions): Result<Governance, string> {
  const wrong = unruled(options.policy);
  return wrong === null ? ok(new Governance(options)) : fail(wrong);
}

function objectOf({ object }: AnyCommand, input: unknown): string | undefined {
  return object === undefined ? undefined : (input as Readonly<Record<string, string>>)[object];
}
