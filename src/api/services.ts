import type { Alert } from '../data/alert.js';
import type { Receipt } from '../data/receipt.js';
import type { Result } from '../data/result.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../observe/clock.js';
import type { Log } from '../observe/log.js';
import type { Accounts } from '../policy/accounts/accounts.js';
import type { Governance } from '../policy/governance.js';
import type { CameraViews } from './camera_view.js';
import type { LiveCamera } from './cameras.js';
import type { HistoryServices } from './history_services.js';
import type { HotListDesk } from './hot_lists.js';
import type { DemoLogin } from './session.js';

/** Where alerts come from, as this edge sees it. */
interface AlertFeed {
  /** Alerts with a sequence above `sequence`, oldest first. */
  after(sequence: number, count: number): readonly Alert[];
  lastSequence(): number;
  /** Hears of each new alert once it is durable. @returns how to stop. */
  listen(listener: () => void): () => void;
}

export type EvidenceKind = 'vehicle' | 'plate';

/** Everything the HTTP surface stands on; real in `serve`, small in tests. */
export interface Services {
  readonly clock: Clock;
  readonly log: Log;
  readonly governance: Governance;
  readonly accounts: Accounts;
  readonly ledger: Ledger;
  readonly history: HistoryServices;
  readonly feed: AlertFeed;
  /** The picture of an alert, its digest checked. */
  evidence(receipt: Receipt, alertId: string, kind: EvidenceKind): Promise<Result<Uint8Array, 'NOT_FOUND' | 'DAMAGED'>>;
  readonly hotLists: HotListDesk;
  readonly onFeedClients: (change: 1 | -1) => void;
  cameras(): readonly LiveCamera[];
  readonly cameraViews: CameraViews;
  /** Why the system is not ready, one short sentence each; empty = ready. */
  notReady(): readonly string[];
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Titles of the tests that passed when this program was built. */
  readonly testTitles: () => readonly string[];
  /** Logins to show on the sign-in page; `null` unless this is a demo. */
  readonly demo: (() => readonly DemoLogin[]) | null;
  readonly server: {
    readonly origin: string | null;
    readonly trustedProxies: readonly string[];
    readonly metricsToken: string | null;
  };
}
