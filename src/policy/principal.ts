/** Who asks, as the session proves it; what the person may do is not here but in the state, and looked up on every request. */
export type Principal = PersonPrincipal | SystemPrincipal;

export interface PersonPrincipal {
  readonly kind: 'person';
  readonly userId: string;
  /** SHA-256 hex of the session token. */
  readonly sessionHash: string;
  /** The session ends then, whatever happens. */
  readonly expiresAtMs: number;
  /** A second factor was used in this session. */
  readonly mfa: boolean;
  /** When the person last proved to be there with a second factor. */
  readonly steppedUpAtMs: number | null;
  readonly address: string | null;
}

/** One of the program's own processes: ingest, matcher, retention. */
export interface SystemPrincipal {
  readonly kind: 'system';
  readonly process: string;
}

export function systemPrincipal(process: string): SystemPrincipal {
  return { kind: 'system', process };
}
