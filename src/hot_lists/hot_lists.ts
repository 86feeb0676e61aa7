import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { canarySource } from '../data/alert.js';
import { fail, ok, type Result } from '../data/result.js';
import { loadSigningKey, type SigningKey } from '../ledger/signing_key.js';
import { limits } from '../limits.js';
import { ListFolder } from '../match/list_folder.js';
import { type Claim, Matcher } from '../match/matcher.js';
import { Overlay } from '../match/overlay.js';
import { RedisFollower } from '../match/redis/follower.js';
import { RedisMirror } from '../match/redis/mirror.js';
import type { HotListSettings, RedisSettings } from '../match/settings.js';
import type { Sealed } from '../match/snapshot/file.js';
import { Snapshot } from '../match/snapshot/snapshot.js';
import type { Clock } from '../observe/clock.js';
import type { Log } from '../observe/log.js';
import type { ScrapedValues } from '../observe/scraped.js';
import type { ListAuthority } from './authority.js';
import { canaryEntry } from './canary.js';
import { type ListHome, type ListInput, loadSealed, signedBy } from './jobs.js';
import { ListSources } from './sources.js';
import { inThread, keepThreadReady, posted } from './tasks.js';

export interface HotListsOptions {
  readonly settings: HotListSettings;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly authority: ListAuthority;
}

/**
 * The hot lists of a running program: keeps the matcher on the newest version on disk, imports sources when their files change, and
 * follows the authority: entries made and removed, exceptions begun and ended [IV.A.4]. Everything slow runs in a thread of its own.
 */
export class HotLists {
  readonly matcher: Matcher;
  readonly folder: ListFolder;
  readonly key: SigningKey;
  readonly #options: HotListsOptions;
  readonly #home: ListHome;
  readonly #sources: ListSources;
  /** Whose signature a version must bear. */
  readonly #publicPem: string;
  readonly #mirror: RedisMirror | null;
  readonly #follower: RedisFollower | null;
  #timer: NodeJS.Timeout | null = null;
  #warned = '';
  #looking: Promise<void> = Promise.resolve();
  #importing: Promise<void> | null = null;
  #taking: Promise<void> | null = null;
  #dismissThread: () => Promise<void> = async () => undefined;

  /** Use {@link openHotLists}. */
  constructor(options: HotListsOptions) {
    const { settings, dataDir, clock } = options;
    this.#options = options;
    this.#home = listHome(settings, dataDir);
    this.#sources = new ListSources({ ...options, home: this.#home, imported: () => this.#adoptNewest() });
    this.folder = new ListFolder(this.#home.folder);
    this.key = loadSigningKey(this.#home.signingKeyFile);
    this.matcher = new Matcher(settings, clock);
    const { redis, followKeyFile } = settings;
    this.#publicPem = followKeyFile === undefined ? this.key.publicPem : readFileSync(followKeyFile, 'utf8');
    this.#follower =
      redis && followKeyFile !== undefined
        ? new RedisFollower(redis, signedBy(this.#publicPem), () => void this.look())
        : null;
    this.#mirror = redis && !this.#follower ? this.#mirrorIn(redis) : null;
  }

  #mirrorIn(redis: RedisSettings): RedisMirror {
    const put = async (sealed: Sealed) => {
      const done = await inThread('put', { redis, sealed });
      return done.ok ? null : done.error;
    };
    return new RedisMirror({ settings: redis, sign: this.key.sign, put });
  }

  /** Loads what is on disk and imports what has changed. @returns one line when the list named in `file` is refused. */
  async start(): Promise<Result<null, string>> {
    this.folder.breakOwnLock();
    const current = this.folder.current();
    if (current !== null) {
      const sealed = loadSealed(current.file, this.#publicPem);
      if (!sealed.ok) return fail(`hot list ${sealed.error}; import the lists again after removing it`);
      this.#use(sealed.value);
    }
    if (this.#options.settings.redis) this.#dismissThread = keepThreadReady();
    if (this.#follower === null) this.#refreshOverlay();
    await this.#sources.start();
    const broken = this.#sources.failed().get('file');
    if (broken !== undefined) return fail(`hot list ${this.#options.settings.file}: ${broken}`);
    this.#timer = setInterval(() => this.look(), limits.hotList.lookEveryMs);
    return ok(null);
  }

  /** Looks once at everything that may have changed; one look at a time. An import goes on beside it. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look()).catch((error: Error) => this.#warn(error.message));
    return this.#looking;
  }

  async #look(): Promise<void> {
    if (this.#follower) return this.#follow(this.#follower);
    this.#refreshOverlay();
    await this.#adoptNewest();
    await this.#mirror?.sync();
    this.#importing ??= this.#followCategories()
      .then(() => this.#sources.look())
      .catch((error: Error) => this.#warn(error.message))
      .finally(() => {
        this.#importing = null;
      });
    this.#warn(this.problems().join('; '));
  }

  /** Takes what another node has signed. A whole version takes a while; what was removed meanwhile must not wait for it. */
  async #follow(follower: RedisFollower): Promise<void> {
    const { redis } = this.#options.settings;
    const found = await follower.look(this.matcher.overlay.content.version);
    if (found.overlay !== null) this.matcher.useOverlay(new Overlay(found.overlay));
    const { version } = found;
    if (!redis || version === null || version <= (this.matcher.version?.version ?? 0)) return;
    this.#taking ??= this.#take(redis, version)
      .catch((error: Error) => this.#warn(error.message))
      .finally(() => {
        this.#taking = null;
      });
  }

  /** It is kept on disk, so that a start does not need Redis. */
  async #take(redis: RedisSettings, version: number): Promise<void> {
    const taken = await inThread('take', { redis, version, publicPem: this.#publicPem });
    if (!taken.ok) return this.#warn(taken.error);
    const sealed = posted(taken.value);
    this.#use(sealed);
    const kept = await inThread('keep', { folder: this.#home.folder, sealed });
    if (!kept.ok) this.#warn(`version ${version} is in use but not on disk: ${kept.error}`);
  }

  /** Compares plates that the filter claims with the copy in Redis; nobody waits for it. */
  compare(claims: readonly Claim[]): void {
    if (claims.length > 0) void this.#mirror?.check(claims);
  }

  /** What there is to say of the lists, for people; never a plate. */
  status() {
    const { overlay, version, snapshot } = this.matcher;
    const { staleAfterHours, stopAfterHours } = this.#options.settings;
    const nowMs = this.#options.clock.nowMs();
    const sources = (snapshot?.header.sources ?? []).map((one) => {
      const own = this.#sources.all.find(({ name }) => name === one.name);
      const ageHours = (nowMs - one.compiledAtMs) / 3_600_000;
      const isStale = ageHours > (own?.staleAfterHours ?? staleAfterHours);
      return { ...one, ageHours, isStale, isStopped: ageHours > (own?.stopAfterHours ?? stopAfterHours) };
    });
    const manualEntries = overlay.content.entries.filter((entry) => entry.source !== canarySource).length;
    const removed = Object.keys(overlay.content.removed).length;
    return {
      version,
      sources,
      /** Names of what is configured, loaded or not. */
      configured: this.#sources.all.map(({ name }) => name),
      manualEntries,
      removed,
      categories: overlay.content.categories,
      problems: this.problems(),
    };
  }

  /** A list that somebody hands over. @param approvedBy "NAME: WHY" for a row count that moved too far. */
  receive(source: string, list: ListInput, approvedBy: string | null) {
    return this.#sources.receive(source, list, approvedBy);
  }

  /** Silences one entry at once, until a list compiled later names it again. */
  remove(entryId: string): void {
    this.folder.remove(entryId, this.#options.clock.nowMs());
    this.#refreshOverlay();
  }

  /** What is wrong with the lists; empty when nothing is. */
  problems(): string[] {
    const redis = this.#mirror?.problem() ?? this.#follower?.problem() ?? null;
    const lists = [...this.#sources.failed()].map(([source, why]) => `hot list ${source}: ${why}`);
    return redis === null ? lists : [...lists, `redis: ${redis}; matching goes on from the signed list`];
  }

  scraped(): ScrapedValues {
    return this.#mirror?.scraped() ?? {};
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
    await this.#importing;
    await this.#taking;
    await this.#dismissThread();
    this.#mirror?.close();
    this.#follower?.close();
  }

  async #adoptNewest(): Promise<void> {
    const current = this.folder.current();
    if (current === null || current.version <= (this.matcher.version?.version ?? 0)) return;
    const sealed = await inThread('load', { file: current.file, publicPem: this.#publicPem });
    if (sealed.ok) this.#use(sealed.value);
    else this.#warn(sealed.error);
  }

  #use(sealed: Sealed): void {
    if (sealed.header.version <= (this.matcher.version?.version ?? 0)) return;
    this.matcher.use(new Snapshot(sealed.header, sealed.body));
    const { version, entries, bodySha256 } = sealed.header;
    this.#options.log.info({ version, entries }, 'hot list loaded');
    void this.#options.authority.note('list.used', { version, entries, sha256: bodySha256 });
    this.#mirror?.version(sealed);
  }

  #refreshOverlay(): void {
    const { authority, clock } = this.#options;
    const { authorised, excepted } = authority.categories();
    const before = this.matcher.overlay.content;
    const changing = {
      entries: [...authority.manualEntries(), canaryEntry],
      removed: { ...this.folder.removed(), ...authority.inactive() },
      categories: [...authorised, ...excepted].sort(),
    };
    const { version, atMs: _, ...known } = before;
    if (version > 0 && JSON.stringify(known) === JSON.stringify(changing)) return;
    // Versions follow the clock, so that they also grow over a restart.
    const content = { version: Math.max(version + 1, clock.nowMs()), atMs: clock.nowMs(), ...changing };
    this.matcher.useOverlay(new Overlay(content));
    this.#mirror?.overlay(content);
    for (const entryId of Object.keys(content.removed))
      if (version > 0 && !Object.hasOwn(before.removed, entryId))
        void authority.note('list.entry_silenced', { entryId });
    this.#mirror?.overlay(content);
  }

  /** An ended exception unloads its rows at once; a new one imports the sources again, for its rows were never kept [IV.A.4]. */
  async #followCategories(): Promise<void> {
    const loadable = this.matcher.overlay.content.categories ?? [];
    const loaded = this.matcher.snapshot?.header.sources.flatMap((source) => source.loadable) ?? [];
    if (loaded.every((category) => loadable.includes(category))) return;
    const done = await inThread('unload', { home: this.#home, loadable });
    if (done.ok) await this.#adoptNewest();
    else this.#warn(done.error);
  }

  #warn(why: string): void {
    if (why !== '' && why !== this.#warned) this.#options.log.warn({ why }, 'hot list not changed');
    this.#warned = why;
  }
}

export async function openHotLists(options: HotListsOptions): Promise<Result<HotLists, string>> {
  const lists = new HotLists(options);
  const started = await lists.start();
  return started.ok ? ok(lists) : started;
}

export function listHome(settings: HotListSettings, dataDir: string): ListHome {
  const { signingKeyFile } = settings;
  return {
    folder: join(dataDir, 'hot-list'),
    signingKeyFile: isAbsolute(signingKeyFile) ? signingKeyFile : join(dataDir, signingKeyFile),
  };
}
