import type { Log } from '../observe/log.js';
import type { Governance } from '../policy/governance.js';
import type { Journal } from '../policy/journal.js';
import { suspicions } from '../policy/misuse.js';
import { systemPrincipal } from '../policy/principal.js';

/**
 * Looks over the searches every hour and flags what a person should look at; accuses nobody, never twice of one thing [IV.B.1.a(4)].
 * Sends the roster to the training unit as soon as a session is recorded, and again within the hour when certificates followed [IV.B.2.a(2)].
 */
export interface OversightJob {
  look(): Promise<void>;
  stop(): void;
}

const everyMs = 60 * 60_000;
const watcher = systemPrincipal('oversight');

export function startOversightJob(governance: Governance, ledger: Pick<Journal, 'subscribe'>, log: Log): OversightJob {
  let looking: Promise<void> = Promise.resolve();
  /** One look at a time: two side by side would flag the same thing twice. */
  function look(): Promise<void> {
    looking = looking.then(lookOnce);
    return looking;
  }

  async function lookOnce(): Promise<void> {
    await sendRoster();
    const { policy } = governance;
    for (const found of suspicions(governance.state(), policy, governance.nowMs())) {
      const open = [...governance.state().misuse.values()];
      if (open.some((one) => !one.closed && one.userId === found.userId && one.pattern === found.pattern)) continue;
      const done = await governance.execute({ action: 'misuse.flag', input: found }, watcher);
      if (!done.ok) log.error({ code: done.error.code }, 'suspicion not recorded');
    }
  }

  async function sendRoster(): Promise<void> {
    if (!governance.state().rosterUnsent) return;
    const done = await governance.execute({ action: 'training.report', input: {} }, watcher);
    if (!done.ok) log.error({ code: done.error.code }, 'roster not sent');
  }

  const leave = ledger.subscribe(({ action, effect }) => {
    if (action === 'training.record_session' && effect !== undefined) void look();
  });
  const timer = setInterval(() => void look(), everyMs);
  void look();
  return {
    look,
    stop() {
      clearInterval(timer);
      leave();
    },
  };
}
