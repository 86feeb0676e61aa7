import { fail, type Result } from '../data/result.js';
import { limits } from '../limits.js';
import type { ImportReport } from '../match/import/report.js';
import { mappingsOf } from '../match/import/update.js';
import { newestFile } from '../match/list_folder.js';
import type { HotListSettings, SourceSettings } from '../match/settings.js';
import type { Clock } from '../observe/clock.js';
import type { Log } from '../observe/log.js';
import type { ListAuthority } from './authority.js';
import type { ImportJob, ListHome, ListInput } from './jobs.js';
import { fetchList } from './pull.js';
import { inThread } from './tasks.js';

export interface ListSourcesOptions {
  readonly settings: HotListSettings;
  readonly home: ListHome;
  readonly clock: Clock;
  readonly log: Log;
  readonly authority: ListAuthority;
  /** Called when an import may have made another version. */
  readonly imported: () => Promise<void>;
}

/** What was last seen of a source, so that only a changed file that has come to rest is imported, and a pull that failed is tried again. */
interface Seen {
  readonly key: string;
  readonly isDone: boolean;
  readonly againAtMs: number;
}

/** Where lists come from: files that are watched, addresses that are pulled, uploads that are handed over. */
export class ListSources {
  readonly all: readonly SourceSettings[];
  readonly #options: ListSourcesOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #failed = new Map<string, string>();

  constructor(options: ListSourcesOptions) {
    this.#options = options;
    this.all = sourcesOf(options.settings);
  }

  /** Imports the files as they lie there. Addresses are pulled later: a start waits for no other machine. */
  async start(): Promise<void> {
    for (const source of this.all) {
      const newest = source.path === undefined ? null : newestFile(source.path);
      if (newest) this.#saw(source, this.#keyOf(newest), false);
      if (source.path !== undefined) await this.#importIfChanged(source, source.path);
    }
  }

  async look(): Promise<void> {
    for (const source of this.all) {
      if (source.path !== undefined) await this.#importIfChanged(source, source.path);
      else if (source.url !== undefined) await this.#pullIfDue(source, source.url);
    }
  }

  /** Why the last attempt of each source failed, by its name. */
  failed(): ReadonlyMap<string, string> {
    return this.#failed;
  }

  /** What would have to change before a file is imported again: the file itself, or what may be loaded of it [IV.A.4]. */
  #keyOf({ file, mtimeMs, size }: { file: string; mtimeMs: number; size: number }): string {
    const policy = this.#options.authority.categories();
    return [file, mtimeMs, size, policy.excepted, mappingsOf(policy)].join(' ');
  }

  #saw({ name }: SourceSettings, key: string, isDone: boolean, againAtMs = Number.POSITIVE_INFINITY): void {
    this.#seen.set(name, { key, isDone, againAtMs });
  }

  async #importIfChanged(source: SourceSettings, path: string): Promise<void> {
    const newest = newestFile(path);
    if (newest === null) {
      this.#failed.set(source.name, 'its file is not there');
      return;
    }
    const key = this.#keyOf(newest);
    const seen = this.#seen.get(source.name);
    if (seen?.key !== key) return this.#saw(source, key, false);
    if (seen.isDone) return;
    this.#saw(source, key, true);
    await this.#concluded(source, await inThread('import', { job: this.#jobFor(source), file: newest.file }));
  }

  /** Due by the clock, because what may be loaded has changed, or because it failed a while ago. */
  async #pullIfDue(source: SourceSettings, url: string): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const period = Math.floor(nowMs / (source.pullEveryMinutes * 60_000));
    const key = this.#keyOf({ file: url, mtimeMs: period, size: 0 });
    const seen = this.#seen.get(source.name);
    if (seen?.key === key && nowMs < seen.againAtMs) return;
    const fetched = await fetchList(source, url);
    const answer = fetched.ok ? await this.#takeIn(this.#jobFor(source), fetched.value) : fetched;
    this.#saw(source, key, true, answer.ok ? Number.POSITIVE_INFINITY : nowMs + limits.hotList.pullAgainMs);
    await this.#concluded(source, answer);
  }

  /** A list that somebody hands over. @param approvedBy "NAME: WHY" for a row count that moved too far. */
  async receive(name: string, list: ListInput, approvedBy: string | null): Promise<Result<ImportReport, string>> {
    const source = this.all.find((one) => one.name === name);
    if (source === undefined) return fail(`no source "${name}" is configured`);
    const answer = await this.#takeIn({ ...this.#jobFor(source), approvedBy }, list);
    await this.#concluded(source, answer);
    return answer;
  }

  #takeIn(job: ImportJob, { input, ...about }: ListInput): Promise<Result<ImportReport, string>> {
    return inThread('take_in', { job, ...about }, input);
  }

  #jobFor(source: SourceSettings): ImportJob {
    const { settings, authority, home } = this.#options;
    const { rejectedShareMax } = settings;
    const none = { compiledAtMs: null, approvedBy: null, dryRun: false };
    return { home, source, policy: authority.categories(), rejectedShareMax, ...none };
  }

  async #concluded(source: SourceSettings, answer: Result<ImportReport, string>): Promise<void> {
    if (answer.ok) await this.#told(answer.value);
    else this.#failed.set(source.name, answer.error);
    await this.#options.imported();
  }

  async #told(report: ImportReport): Promise<void> {
    const { source, outcome, refusal, rows, kept, rejected, sha256, version } = report;
    const dropped = Object.values(report.dropped).reduce((sum, count) => sum + count, 0);
    if (refusal === null) this.#failed.delete(source);
    else this.#failed.set(source, refusal.sentence);
    const about = { source, outcome, code: refusal?.code ?? null, version, rows, kept, dropped, rejected, sha256 };
    if (refusal === null) this.#options.log.info(about, 'hot list imported');
    await this.#options.authority.note(refusal === null ? 'list.imported' : 'list.rejected', about);
  }
}

/** The sources as configured, `file` being short for one more; a list kept by hand may change as much as it likes. */
function sourcesOf({ file, sources }: HotListSettings): SourceSettings[] {
  if (file === undefined) return [...sources];
  const byHand = { columns: {}, fileId: null, pullEveryMinutes: 60, privateAddresses: false, baseRate: 1 };
  return [...sources, { name: 'file', format: 'csv', path: file, countMoveMax: Number.POSITIVE_INFINITY, ...byHand }];
}
