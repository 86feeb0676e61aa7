import { hash, randomBytes } from 'node:crypto';

export interface Session {
  readonly userId: string;
  /** SHA-256 hex of the token; the token itself is never kept. */
  readonly tokenSha256: string;
  readonly openedAtMs: number;
  readonly address: string | null;
  usedAtMs: number;
  steppedUpAtMs: number;
}

export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** 256 random bits. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Sessions of this process, by the hash of their token; a restart ends them all. At most one is live for each user [IV.C.5]. */
export class Sessions {
  readonly #idleMs: number;
  readonly #longestMs: number;
  readonly #byToken = new Map<string, Session>();

  constructor(bounds: { idleMs: number; longestMs: number }) {
    this.#idleMs = bounds.idleMs;
    this.#longestMs = bounds.longestMs;
  }

  /** When a session ends unless it is used: the earlier of idle time and re-authentication. */
  endMs(session: Session): number {
    return Math.min(session.usedAtMs + this.#idleMs, session.openedAtMs + this.#longestMs);
  }

  liveOf(userId: string, nowMs: number): Session | null {
    for (const session of this.#byToken.values()) {
      if (session.userId === userId && nowMs < this.endMs(session)) return session;
    }
    return null;
  }

  open(userId: string, address: string | null, nowMs: number): { token: string; session: Session } {
    this.endAllOf(userId);
    const token = newToken();
    const session = {
      userId,
      tokenSha256: sha256(token),
      openedAtMs: nowMs,
      usedAtMs: nowMs,
      steppedUpAtMs: nowMs,
      address,
    };
    this.#byToken.set(session.tokenSha256, session);
    return { token, session };
  }

  /** @returns the live session of a token, its idle time started anew. */
  use(token: string, nowMs: number): Session | null {
    const session = this.#byToken.get(sha256(token));
    if (session === undefined) return null;
    if (nowMs >= this.endMs(session)) {
      this.#byToken.delete(session.tokenSha256);
      return null;
    }
    session.usedAtMs = nowMs;
    return session;
  }

  endAllOf(userId: string): void {
    for (const [key, session] of this.#byToken) if (session.userId === userId) this.#byToken.delete(key);
  }
}
