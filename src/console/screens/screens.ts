import type { ComponentType } from 'preact';
import { may } from '../session.js';
import type { icons } from '../ui/icons.js';
import { Account } from './account.js';
import { Alerts } from './alerts.js';
import { AuditScreen } from './audit.js';
import { Cameras } from './cameras.js';
import { Cases } from './cases.js';
import { Entries } from './entries.js';
import { Exceptions } from './exceptions.js';
import { Health } from './health.js';
import { Partners } from './partners.js';
import { People } from './people.js';
import { PolicyScreen } from './policy.js';
import { Retention } from './retention.js';
import { Search } from './search.js';
import { Suspend } from './suspend.js';

export interface ScreenEntry {
  readonly id: string;
  readonly title: string;
  readonly icon: keyof typeof icons;
  readonly Screen: ComponentType;
  /** Whether it is in this person's navigation; the server refuses what is not theirs in any case. */
  readonly shown: () => boolean;
}

export const screens: readonly ScreenEntry[] = [
  { id: 'alerts', title: 'Alerts', icon: 'alerts', Screen: Alerts, shown: () => may('alerts') },
  {
    id: 'search',
    title: 'Search',
    icon: 'search',
    Screen: Search,
    shown: () => may('reads.search', 'search.cosign'),
  },
  { id: 'lists', title: 'Hot lists', icon: 'lists', Screen: Entries, shown: () => may('entries') },
  { id: 'cameras', title: 'Cameras', icon: 'cameras', Screen: Cameras, shown: () => may('cameras') },
  { id: 'cases', title: 'Cases', icon: 'cases', Screen: Cases, shown: () => may('holds') },
  { id: 'retention', title: 'Retention', icon: 'retention', Screen: Retention, shown: () => may('retention') },
  { id: 'people', title: 'People', icon: 'people', Screen: People, shown: () => may('users', 'training') },
  { id: 'exceptions', title: 'Exceptions', icon: 'exceptions', Screen: Exceptions, shown: () => may('exceptions') },
  {
    id: 'partners',
    title: 'Partners',
    icon: 'partners',
    Screen: Partners,
    shown: () => may('agencies', 'vendors'),
  },
  { id: 'audit', title: 'Audit', icon: 'audit', Screen: AuditScreen, shown: () => may('audits', 'ledger.records') },
  { id: 'policy', title: 'Policy', icon: 'policy', Screen: PolicyScreen, shown: () => may('policy') },
  {
    id: 'suspend',
    title: 'Suspend',
    icon: 'suspend',
    Screen: Suspend,
    shown: () => may('system.suspend', 'system.resume', 'system.propose_resume'),
  },
  { id: 'health', title: 'Health', icon: 'health', Screen: Health, shown: () => true },
  { id: 'account', title: 'My account', icon: 'account', Screen: Account, shown: () => true },
];
