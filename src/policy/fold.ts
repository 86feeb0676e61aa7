import { z } from 'zod';
import { dayMs } from './command.js';
import { commands } from './commands.js';
import type { JournalRecord, Json } from './journal.js';
import { isLook, targetsOf } from './search.js';
import type { GovernanceState } from './state.js';

const searchesKeptMs = 8 * dayMs;

/**
 * Moves the state past one record. Depends on nothing but the state and the record, so replaying a ledger always gives the same
 * state, under whatever policy file it was written.
 */
export function fold(state: GovernanceState, record: JournalRecord): void {
  const ms = Date.parse(record.ts_utc);
  if (state.sequence === 0) state.firstRecordMs = ms;
  state.sequence = record.seq;
  state.latestMs = Math.max(state.latestMs, ms);
  count(state, record);
  if (record.action === 'access.intent') rememberSearch(state, record, ms);
  else if (record.action === 'session.open' && record.decision === 'allow') touch(state, record.actor_id, ms);
  else if (record.action === 'system.bootstrap') bootstrap(state, record, ms);
  if (record.effect === undefined) return;
  commands.get(record.action)?.fold(state, record.effect, { seq: record.seq, ms, actorId: record.actor_id });
}

function count(state: GovernanceState, record: JournalRecord): void {
  const month = record.ts_utc.slice(0, 7);
  const counts = state.counts.get(month) ?? new Map<string, number>();
  state.counts.set(month, counts);
  const key = `${record.action} ${record.decision} ${record.code ?? ''}`.trimEnd();
  counts.set(key, (counts.get(key) ?? 0) + 1);
  const { asked } = (record.action === 'access.intent' ? record.request : {}) as { asked?: string };
  if (asked !== undefined) counts.set(`asked ${asked}`, (counts.get(`asked ${asked}`) ?? 0) + 1);
}

function touch(state: GovernanceState, userId: string, ms: number): void {
  const user = state.users.get(userId);
  if (user) user.activeAtMs = Math.max(user.activeAtMs, ms);
}

const intentSchema = z.object({
  asked: z.string(),
  with: z.object({ plate: z.string().nullable(), plates: z.array(z.string()).default([]) }),
});
const reasonSchema = z.object({ caseNo: z.string().nullable(), facts: z.string() });

/** What the repeat and rate rules of searches look back at. */
function rememberSearch(state: GovernanceState, record: JournalRecord, ms: number): void {
  touch(state, record.actor_id, ms);
  const asked = intentSchema.safeParse(record.request);
  const reason = reasonSchema.safeParse(record.reason);
  if (!asked.success || !reason.success) return;
  const look = isLook(asked.data.asked);
  for (const plate of targetsOf(asked.data.with)) {
    state.searches.push({ userId: record.actor_id, plate, look, ...reason.data, atMs: ms });
  }
  const oldest = state.searches[0];
  if (oldest !== undefined && oldest.atMs < ms - 2 * searchesKeptMs) {
    state.searches.splice(
      0,
      state.searches.findIndex((one) => one.atMs >= ms - searchesKeptMs),
    );
  }
}

const bootstrapSchema = z.object({ userId: z.string(), name: z.string() });

/** The first administrator of an empty system, by the one-time token of the console. */
function bootstrap(state: GovernanceState, record: { effect?: Json }, ms: number): void {
  const first = bootstrapSchema.safeParse(record.effect);
  if (!first.success || state.principalUserId !== null || state.users.size > 0) return;
  const { userId, name } = first.data;
  state.users.set(userId, {
    userId,
    name,
    kind: 'employee',
    vendorId: null,
    createdAtMs: ms,
    frozen: false,
    activeAtMs: ms,
  });
  state.principalUserId = userId;
}
