import { createHmac, randomBytes } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Clock } from '../../observe/clock.js';
import { minuteMs } from '../command.js';
import { Challenges } from './challenges.js';
import type { Credential, Credentials, Passkey } from './credentials.js';
import { authenticated, authenticationOptions, registered, registrationOptions, type Site } from './passkeys.js';
import { matchTotp } from './totp.js';

/** A second factor: a code of an authenticator app, or a passkey's answer to a challenge this program made. */
export type SecondFactor =
  | { readonly kind: 'totp'; readonly code: string }
  | {
      readonly kind: 'passkey';
      readonly site: Site;
      readonly response: AuthenticationResponseJSON;
    };

/** Codes and passkeys: each answer is good once. */
export class SecondFactors {
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #challenges = new Challenges(5 * minuteMs);
  readonly #inventing = randomBytes(32);

  constructor(credentials: Credentials, clock: Clock) {
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /** Whether this is the person's; uses the code or the challenge up. */
  async isProof(userId: string, known: Credential, factor: SecondFactor): Promise<boolean> {
    if (factor.kind === 'totp') return this.#isCode(userId, known, factor.code);
    const challenge = this.#challenges.take(userId, this.#clock.nowMs());
    const passkey = challenge && (await authenticated(factor.site, challenge, known.passkeys, factor.response));
    if (!passkey) return false;
    this.#credentials.set(userId, { passkeys: known.passkeys.map((one) => (one.id === passkey.id ? passkey : one)) });
    return true;
  }

  #isCode(userId: string, { totp }: Credential, code: string): boolean {
    const step = totp === null ? null : matchTotp(totp.secret, code, this.#clock.nowMs(), totp.lastStep);
    if (totp === null || step === null) return false;
    this.#credentials.set(userId, { totp: { ...totp, lastStep: step, confirmed: true } });
    return true;
  }

  /** What a browser needs to answer with a passkey. Who has none, or does not exist, is given an invented one (WebAuthn 14.6.2). */
  async passkeyOptions(userId: string, site: Site): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const known = this.#passkeysOf(userId);
    const options = await authenticationOptions(site, known.length > 0 ? known : [{ id: this.#inventedId(userId) }]);
    this.#challenges.give(userId, options.challenge, this.#clock.nowMs());
    return options;
  }

  /** What a browser needs to make a new passkey. */
  async newPasskeyOptions(userId: string, site: Site): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const options = await registrationOptions(site, userId, this.#passkeysOf(userId));
    this.#challenges.give(userId, options.challenge, this.#clock.nowMs());
    return options;
  }

  /** @returns the passkey a browser has made for the challenge given out, or `null`; it is not kept yet. */
  async newPasskey(userId: string, site: Site, response: RegistrationResponseJSON): Promise<Passkey | null> {
    const challenge = this.#challenges.take(userId, this.#clock.nowMs());
    return challenge === null ? null : registered(site, challenge, response);
  }

  keep(userId: string, passkey: Passkey): void {
    this.#credentials.set(userId, { passkeys: [...this.#passkeysOf(userId), passkey] });
  }

  #inventedId(userId: string): string {
    return createHmac('sha256', this.#inventing).update(userId).digest().subarray(0, 16).toString('base64url');
  }

  #passkeysOf(userId: string): readonly Passkey[] {
    return this.#credentials.get(userId)?.passkeys ?? [];
  }
}
