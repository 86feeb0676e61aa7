import { fail, type Result } from '../data/result.js';
import type { Actor } from './command.js';
import type { Journal, JournalDraft, JournalFault, JournalRecord, Json } from './journal.js';
import type { Principal } from './principal.js';
import { type Refusal, statusOf } from './refusal.js';

/** What a record says besides the decision: who did what to which object, and why. */
export interface About {
  readonly action: string;
  readonly principal: Principal;
  /** Once the gates have said who it is; until then `nameOf` the principal. */
  readonly actor?: Actor;
  readonly request?: Json;
  readonly reason?: Json;
  readonly objectId?: string | undefined;
}

/** Puts what was done, refused or noted into the ledger, and says it so that a person can read it when the ledger can not. */
export class Recorder {
  readonly #ledger: Journal;
  readonly #nameOf: (userId: string) => string;

  constructor(ledger: Journal, nameOf: (userId: string) => string) {
    this.#ledger = ledger;
    this.#nameOf = nameOf;
  }

  async append(draft: JournalDraft): Promise<Result<JournalRecord, Refusal>> {
    const answer = await this.#ledger.append(draft);
    return answer.ok ? answer : fail(faulty(answer.error));
  }

  /** A refusal is durable before it is returned, and carries the number of its own record. */
  async refuse(about: About, refused: Refusal, effect: Json | null = null): Promise<{ ok: false; error: Refusal }> {
    const { code, clause } = refused;
    const draft = { ...this.draft(about), decision: 'refuse' as const, code, clause };
    const answer = await this.append(effect === null ? draft : { ...draft, effect });
    return answer.ok ? fail({ ...refused, sequence: answer.value.seq }) : answer;
  }

  draft({ action, principal, actor, request, reason, objectId }: About): Omit<JournalDraft, 'decision'> {
    return {
      action,
      ...this.#author(principal, actor),
      ...(objectId !== undefined && { object_id: objectId }),
      ...(request !== undefined && { request }),
      ...(reason !== undefined && { reason }),
    };
  }

  #author(principal: Principal, actor: Actor | undefined) {
    if (principal.kind === 'system')
      return { actor_id: `SYS:${principal.process}`, actor_name: principal.process, roles: ['system'] };
    return {
      actor_id: principal.userId,
      actor_name: actor?.name ?? this.#nameOf(principal.userId),
      roles: actor?.roles ?? [],
      session_hash: principal.sessionHash,
      auth_level: principal.mfa ? 'mfa' : 'password',
      ...(principal.address !== null && { src_ip: principal.address }),
    };
  }
}

/** What an answer says when the ledger could not record something. */
export function faulty(fault: JournalFault): Refusal {
  return {
    status: statusOf[fault.code],
    code: fault.code,
    clause: 'IV.C.6.a',
    // Where and how the disk failed is for the log, not for whoever asks.
    sentence:
      fault.code === 'AUDIT_DISK_FULL'
        ? 'the disk of the ledger is full, so nothing can be recorded or done; free some space'
        : 'the ledger can not record this, so it was not done; alerts keep running',
    sequence: null,
  };
}
