import type { z } from 'zod';
import type { Json } from './journal.js';
import type { Policy, Role } from './policy_file.js';
import type { Refusal } from './refusal.js';
import type { GovernanceState } from './state.js';

/** What a command's rules look at: the state before it, the policy, the moment and who asks. */
export interface Context {
  readonly state: GovernanceState;
  readonly policy: Policy;
  readonly nowMs: number;
  readonly actor: Actor;
  /** The wall clock has jumped and nobody has confirmed it since. */
  readonly clockDoubtful: boolean;
  /** Root of the latest signed checkpoint: a seed that nobody chooses. */
  readonly seed: string;
  /** Size of the ledger. */
  readonly sequence: number;
}

export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The administrator in person, not a designee. */
  readonly isPrincipal: boolean;
}

/** Where a fold stands: the record's own number, time and author. */
interface At {
  readonly seq: number;
  readonly ms: number;
  readonly actorId: string;
}

/**
 * One way to change the state. `rules` are evaluated in order, lazily: the first refusal ends them. `effect` states what is so
 * afterwards; it goes into the record, and `fold` applies it, then and at every replay. `onRefusal` lets a refusal itself have an
 * effect (a mismatch closes the hit).
 */
export interface Command<Input, Effect extends Json> {
  readonly action: string;
  /** What it does, as a verb and its object: for the API's description, the docs and the command line. */
  readonly title: string;
  /** What it makes is named `<makes>-<ledger sequence>`; absent where nothing new is named. */
  readonly makes?: string;
  readonly input: z.ZodType<Input>;
  rules(context: Context, input: Input): Iterable<Refusal | null>;
  effect(context: Context, input: Input): Effect;
  onRefusal?(context: Context, input: Input, refusal: Refusal): Effect | null;
  fold(state: GovernanceState, effect: Effect, at: At): void;
  /** The field of the input that names the record's object. */
  readonly object?: keyof Input & string;
}

export type AnyCommand = Command<unknown, Json>;

/** What most commands state is what they were asked. */
type Plain<Input extends Json> = Omit<Command<Input, Input>, 'effect'>;

/** Checks the types of one command and forgets them, so that all commands fit one table. */
export function command<Input, Effect extends Json>(definition: Command<Input, Effect>): AnyCommand;
export function command<Input extends Json>(definition: Plain<Input>): AnyCommand;
export function command(definition: object): AnyCommand {
  return { effect: (_context: Context, input: Json) => input, ...definition } as unknown as AnyCommand;
}

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
export const minuteMs = 60_000;
