import type { AlertId } from './ids.js';
import type { Match } from './match.js';

/** Life of an alert: nothing but a person's verification leaves `unverified`. */
export type Verification = 'unverified' | 'verified' | 'dismissed' | 'deferred';

/**
 * A match an operator must see. Always a potential hit until a person has verified it [III.A, IV.A.8.a(1)]; journalled
 * before it is shown.
 */
export interface Alert {
  readonly id: AlertId;
  /** Position in the alert journal, from 1; the id by which an SSE client resumes. */
  readonly sequence: number;
  readonly createdAtMs: number;
  readonly match: Match;
  readonly potential: true;
  readonly verification: Verification;
  /** The same entry was seen again and again within a short time; absent in alerts of older versions. */
  readonly escalation?: Escalation | null;
  /** Injected end to end to prove that alerts arrive; never shown as a real one. */
  readonly canary: boolean;
}

/** The source of entries that only synthetic reads match. */
export const canarySource = 'canary';

/** How often one entry was seen of late, this time included. */
export interface Escalation {
  readonly sightings: number;
  readonly cameras: readonly string[];
}
