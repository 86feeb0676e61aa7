import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { replaceFileSync } from '../../files/whole_file.js';

const passkey = z.strictObject({
  id: z.string(),
  publicKey: z.string(),
  counter: z.number(),
  transports: z.array(z.string()),
});
const credential = z.strictObject({
  passwordHash: z.string().nullable(),
  totp: z.strictObject({ secret: z.string(), lastStep: z.number(), confirmed: z.boolean() }).nullable(),
  passkeys: z.array(passkey),
  /** A one-time token with which the person sets password and second factor. */
  enrolment: z.strictObject({ tokenSha256: z.string(), untilMs: z.number() }).nullable(),
});
const store = z.strictObject({ bootstrapSha256: z.string().nullable(), users: z.record(z.string(), credential) });

export type Credential = z.infer<typeof credential>;
export type Passkey = z.infer<typeof passkey>;

/**
 * Secrets, apart from the ledger and readable by the owner only: password hashes, TOTP seeds, public keys. A change is durable before
 * it is answered.
 */
export class Credentials {
  readonly #file: string;
  #kept: z.infer<typeof store>;

  constructor(file: string) {
    this.#file = file;
    this.#kept = existsSync(file)
      ? store.parse(JSON.parse(readFileSync(file, 'utf8')))
      : { bootstrapSha256: null, users: {} };
  }

  get(userId: string): Credential | null {
    return Object.hasOwn(this.#kept.users, userId) ? (this.#kept.users[userId] as Credential) : null;
  }

  set(userId: string, change: Partial<Credential>): void {
    const empty: Credential = { passwordHash: null, totp: null, passkeys: [], enrolment: null };
    const users = { ...this.#kept.users, [userId]: { ...empty, ...this.get(userId), ...change } };
    this.#write({ ...this.#kept, users });
  }

  get bootstrapSha256(): string | null {
    return this.#kept.bootstrapSha256;
  }

  setBootstrap(tokenSha256: string | null): void {
    this.#write({ ...this.#kept, bootstrapSha256: tokenSha256 });
  }

  #write(next: z.infer<typeof store>): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    replaceFileSync(this.#file, JSON.stringify(next));
    this.#kept = next;
  }
}
