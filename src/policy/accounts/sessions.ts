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
    const { idleEndsAtMs, endsAtMs } = this.endsOf(session);
    return Math.min(idleEndsAtMs, endsAtMs);
  }

  endsOf(session: Session): { readonly idleEndsAtMs: number; readonly endsAtMs: number } {
    return { idleEndsAtMs: session.usedAtMs + this.#idleMs, endsAtMs: session.openedAtMs + this.#longestMs };
  }

  liveOf(userId: string, nowMs: number): Session | null {
    for (const session of this.#byToken.values()) {
      if (session.userId === userId && nowMs < this.endMs(session)) return session;
    }
    return null;
  }

  /** A session that is not live yet: it is once {@link Sessions.start} is told that its opening is on record. */
  prepare(userId: string, address: string | null, nowMs: number): { token: string; session: Session } {
    const token = newToken();
    const session = {
      userId,
      tokenSha256: sha256(token),
      openedAtMs: nowMs,
      usedAtMs: nowMs,
      steppedUpAtMs: nowMs,
      address,
    };
    return { token, session };
  }

  /** Ends every other session of the user. */
  start(session: Session): void {
    this.endAllOf(session.userId);
    this.#byToken.set(session.tokenSha256, session);
  }

  /** @returns the live session of a token; looking at it does not keep it alive. */
  peek(token: string, nowMs: number): Session | null {
    const session = this.#byToken.get(sha256(token));
    if (session === undefined) return null;
    if (nowMs < this.endMs(session)) return session;
    this.#byToken.delete(session.tokenSha256);
    return null;
  }

  /** @returns the live session of a token, its idle time started anew. */
  use(token: string, nowMs: number): Session | null {
    const session = this.peek(token, nowMs);
    if (session !== null) session.usedAtMs = nowMs;
    return session;
  }

  endAllOf(userId: string): void {
    for (const [key, session] of this.#byToken) if (session.userId === userId) this.#byToken.delete(key);
  }
}
