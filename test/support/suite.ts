import { exec, suite as uvuSuite } from 'uvu';

/**
 * uvu with its traps closed: every test has a deadline, a hook that throws is a failure, no `.run()` to forget, and each
 * outcome is reported to the runner (`run.ts`), which compares them with what was planned.
 */
export interface Suite {
  test(name: string, body: Body, options?: TestOptions): void;
  /** Does not run; the reason is printed. */
  skip(name: string, reason: string): void;
  /** Runs once before the first / after the last test of the suite. */
  before(hook: Body): void;
  after(hook: Body): void;
}

interface TestOptions {
  /** More than the usual deadline; less has no effect. */
  readonly timeoutMs?: number;
  /** What this machine lacks for this test, from `missing()`: it is skipped with that reason. */
  readonly missing?: string | null;
}

export interface TestReport {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly reason?: string;
}

type Body = () => unknown;

/** Far beyond what any test takes: a machine may be busy, and a deadline is for what never ends. */
const testTimeoutMs = 300_000;
const hookTimeoutMs = 300_000;
const starts: (() => void)[] = [];
let planned = 0;

function withDeadline(what: string, body: Body, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no end after ${timeoutMs} ms: ${what}`)), timeoutMs);
    Promise.resolve()
      .then(body)
      .then(() => resolve(), reject)
      .finally(() => clearTimeout(timer));
  });
}

function report(entry: TestReport): void {
  if (process.send) process.send({ kind: 'report', ...entry });
  else process.stdout.write(`  ${entry.outcome}: ${entry.name}${entry.reason ? ` (${entry.reason})` : ''}\n`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Makes a suite; tests are run by `runSuites` once every test file is loaded.
 * @param missing what this machine lacks for it, from `missing()`: every test is skipped with that reason.
 */
export function suite(title: string, missing: string | null = null): Suite {
  const inner = uvuSuite(title);
  const befores: Body[] = [];
  const afters: Body[] = [];
  let prepared: Promise<void> | null = null;

  async function runBefores(): Promise<void> {
    for (const hook of befores) await withDeadline(`${title}: before`, hook, hookTimeoutMs);
  }

  inner.after(async () => {
    for (const hook of afters) {
      await withDeadline(`${title}: after`, hook, hookTimeoutMs).catch((error: unknown) =>
        report({ name: `${title}: after`, outcome: 'failed', reason: describe(error) }),
      );
    }
  });
  starts.push(() => inner.run());

  const skip = (name: string, reason: string) => {
    planned += 1;
    report({ name: `${title}: ${name}`, outcome: 'skipped', reason });
  };

  return {
    test(name, body, options) {
      const lacking = missing ?? options?.missing ?? null;
      if (lacking !== null) return skip(name, lacking);
      planned += 1;
      inner(name, async () => {
        try {
          prepared ??= runBefores();
          await prepared;
          await withDeadline(name, body, Math.max(testTimeoutMs, options?.timeoutMs ?? 0));
        } catch (error) {
          report({ name: `${title}: ${name}`, outcome: 'failed', reason: describe(error) });
          throw error;
        }
        report({ name: `${title}: ${name}`, outcome: 'passed' });
      });
    },
    skip,
    before: (hook) => befores.push(hook),
    after: (hook) => afters.push(hook),
  };
}

/** Runs every suite made so far; called by `child.ts` after the test file was loaded. */
export async function runSuites(): Promise<void> {
  process.send?.({ kind: 'planned', count: planned });
  for (const start of starts) start();
  await exec();
}
