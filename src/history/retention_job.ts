import { fail, ok, type Result } from '../data/result.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Log } from '../observe/log.js';
import type { ScrapedValues } from '../observe/scraped.js';
import { dayMs } from '../policy/command.js';
import type { Governance } from '../policy/governance.js';
import type { Json } from '../policy/journal.js';
import { systemPrincipal } from '../policy/principal.js';
import type { DeletionReport, RetentionRefusal } from '../store/retention.js';
import type { Store } from '../store/store.js';
import type { CaseKeeper } from './case_keeper.js';

const everyMs = 60 * 60_000;

/** Reads, or parts of them, that lie beside the bulk store: each such place has its own end, at most that of the reads [IV.F.1]. */
export interface KeptCopy {
  readonly name: string;
  /** @param oldestKeptMs what was captured until then goes. @returns how much went */
  forget(oldestKeptMs: number): Promise<number> | number;
}

/** Forgets what is past retention, at the start and then every hour, and proves it; what was refused or failed is counted and logged [IV.F.1]. */
export interface RetentionJob {
  /** One run now. @returns what was deleted, or why nothing was. */
  run(): Promise<Result<DeletionReport, RetentionRefusal>>;
  scraped(): ScrapedValues;
  /** Why what is due is not deleted, until a run succeeds; `null`: nothing is in the way. */
  problem(): string | null;
  stop(): void;
}

/**
 * The order of a run: copy what cases keep; for each due day the policy's permission, durable in the ledger; drop; then a receipt in the
 * ledger of what was dropped, the oldest row left and the holds in force, signed by a checkpoint at once.
 */
export function startRetentionJob(parts: {
  readonly governance: Governance;
  readonly ledger: Ledger;
  readonly store: Store;
  readonly cases: CaseKeeper;
  readonly copies?: readonly KeptCopy[];
  readonly log: Log;
}): RetentionJob {
  const { governance, ledger, store, cases, copies = [], log } = parts;
  const principal = systemPrincipal('retention');
  const runs = { done: 0, refused: 0, failed: 0 };
  let deletedReads = 0;
  let lastSuccessMs: number | null = null;
  let oldestLeftMs: number | null = null;
  let confirmed = false;
  let problem: string | null = null;
  const unsubscribe = ledger.subscribe(({ action, decision }) => {
    if (action === 'clock.confirm' && decision === 'allow') confirmed = true;
  });

  /** A person has looked at the clock: then as many days as are due may go, one after another. */
  async function permit(day: string, rows: number, daysDue: number): Promise<Result<null, string>> {
    const input = { day, rows, partitionsDue: confirmed ? 1 : daysDue };
    const answer = await governance.execute({ action: 'retention.drop', input }, principal);
    return answer.ok ? ok(null) : fail(`${answer.error.code}: ${answer.error.sentence}`);
  }

  /** Only after a run that found the clock right. @returns what went, by place */
  async function forgetCopies({ atMs, retentionDays }: DeletionReport): Promise<Record<string, number>> {
    const gone: Record<string, number> = {};
    for (const { name, forget } of copies) {
      const count = await forget(atMs - retentionDays * dayMs);
      if (count > 0) gone[name] = count;
    }
    return gone;
  }

  async function receipt(report: DeletionReport, gone: Readonly<Record<string, number>>): Promise<void> {
    const holds = cases.holds().map((hold) => ({ caseNo: hold.caseNumber, reads: hold.readIds.length }));
    const author = {
      actor_id: 'SYS:retention',
      actor_name: 'retention',
      roles: ['system'],
      decision: 'allow' as const,
    };
    const request = { ...report, copies: gone, holds } as unknown as Json;
    const noted = await governance.note({ action: 'retention.receipt', ...author, clause: 'IV.F.1', request });
    if (!noted.ok) log.error({ code: noted.error.code }, 'retention receipt not recorded');
    await ledger.checkpoint();
  }

  async function attempt(): Promise<Result<DeletionReport, RetentionRefusal>> {
    await cases.reconcile();
    const report = await store.retention.run({ confirmed, permit });
    if (!report.ok) return report;
    const { dropped, stopped } = report.value;
    const gone = stopped === null ? await forgetCopies(report.value) : {};
    if (dropped.length > 0 || Object.keys(gone).length > 0) await receipt(report.value, gone);
    if (stopped !== null) return fail(stopped);
    confirmed = false;
    return report;
  }

  async function run(): Promise<Result<DeletionReport, RetentionRefusal>> {
    const report = await attempt();
    if (!report.ok) {
      runs.refused += 1;
      problem = `${report.error.code}: ${report.error.message}`;
      log.error({ code: report.error.code, reason: report.error.message }, 'retention refused');
      return report;
    }
    runs.done += 1;
    problem = null;
    lastSuccessMs = governance.nowMs();
    oldestLeftMs = report.value.oldestLeftMs;
    deletedReads += report.value.dropped.reduce((sum, day) => sum + day.rows, 0);
    return report;
  }

  function guarded(): void {
    run().catch((error: Error) => {
      runs.failed += 1;
      problem = error.message;
      log.error({ error: error.message }, 'retention failed');
    });
  }

  const timer = setInterval(guarded, everyMs).unref();
  guarded();
  return {
    run,
    scraped: () => ({
      retention_runs_total: Object.entries(runs).map(([outcome, value]) => ({ labels: { outcome }, value })),
      retention_deleted_reads_total: deletedReads,
      ...(lastSuccessMs === null ? {} : { retention_last_success_timestamp_seconds: lastSuccessMs / 1000 }),
      ...(oldestLeftMs === null ? {} : { retention_oldest_read_timestamp_seconds: oldestLeftMs / 1000 }),
    }),
    problem: () => problem,
    stop() {
      clearInterval(timer);
      unsubscribe();
    },
  };
}
