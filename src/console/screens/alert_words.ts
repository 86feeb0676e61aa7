import type { AlertView } from '../api/views.js';
import { words } from '../session.js';
import { titleOf } from '../ui/words.js';

export function categoryLabel(id: string): string {
  return words.value?.categories.find((one) => one.id === id)?.label ?? titleOf(id);
}

export interface Standing {
  /** On a row. */
  readonly short: string;
  /** Above the pictures: what this is, and what may be done on it. */
  readonly long: string;
  readonly tone: 'open' | 'checking' | 'verified' | 'settled';
  readonly tag: 'bad' | 'good' | 'warn' | 'plain';
}

const closings: Readonly<Record<string, string>> = {
  mismatch: 'Closed: the plate in the picture is not the wanted one. No stop.',
  not_active: 'Closed: the record is no longer active at its source. No stop.',
  acted_on: 'Closed: acted on; pictures and record are preserved for the case.',
  dismissed: 'Closed: dismissed.',
  not_found: 'Closed: the vehicle was not found.',
  training_canary: 'Closed: a test of the system.',
};

/** Where a potential hit stands; the word "hit" stands alone only once a person has verified it. */
export function standingOf({ hit, canary }: AlertView): Standing {
  if (canary)
    return { short: 'test', long: 'A test of the system, not a vehicle of interest', tone: 'settled', tag: 'plain' };
  if (hit === null) {
    return { short: 'potential', long: 'POTENTIAL hit: being opened', tone: 'open', tag: 'warn' };
  }
  if (hit.closed !== null) {
    const { disposition } = hit.closed;
    const long = closings[disposition] ?? `Closed: ${titleOf(disposition)}`;
    return { short: titleOf(disposition), long, tone: 'settled', tag: 'plain' };
  }
  if (hit.verified === null) {
    return { short: 'potential', long: 'POTENTIAL hit: not verified. No stop on this.', tone: 'open', tag: 'warn' };
  }
  if (hit.stopReady) {
    return { short: 'verified', long: 'Verified hit: plate and state seen by a person', tone: 'verified', tag: 'good' };
  }
  const late = hit.deferralLate ? 'the deferred status check is LATE' : 'the status is not checked yet';
  return { short: 'check status', long: `Plate and state verified; ${late}`, tone: 'checking', tag: 'warn' };
}
