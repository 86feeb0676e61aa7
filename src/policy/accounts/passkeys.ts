import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Passkey } from './credentials.js';

/** The site a passkey belongs to: it works nowhere else, so it can neither be phished nor shared. */
export interface Site {
  /** Host name. */
  readonly rpId: string;
  /** With scheme and port. */
  readonly origin: string;
}

export function registrationOptions(
  site: Site,
  userId: string,
  known: readonly Passkey[],
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: 'platestream',
    rpID: site.rpId,
    userName: userId,
    attestationType: 'none',
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
  });
}

/** @returns the new passkey, or `null` when the answer does not fit the challenge and the site. */
export async function registered(
  site: Site,
  challenge: string,
  response: RegistrationResponseJSON,
): Promise<Passkey | null> {
  const expected = { expectedChallenge: challenge, expectedOrigin: site.origin, expectedRPID: site.rpId };
  const verified = await verifyRegistrationResponse({ response, ...expected, requireUserVerification: true }).catch(
    () => null,
  );
  if (!verified?.verified || !verified.registrationInfo) return null;
  const { credential } = verified.registrationInfo;
  const publicKey = Buffer.from(credential.publicKey).toString('base64url');
  return { id: credential.id, publicKey, counter: credential.counter, transports: credential.transports ?? [] };
}

export function authenticationOptions(
  site: Site,
  known: readonly Pick<Passkey, 'id'>[],
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const allowCredentials = known.map(({ id }) => ({ id }));
  return generateAuthenticationOptions({ rpID: site.rpId, allowCredentials, userVerification: 'required' });
}

/** @returns the passkey with its new counter, or `null`. */
export async function authenticated(
  site: Site,
  challenge: string,
  known: readonly Passkey[],
  response: AuthenticationResponseJSON,
): Promise<Passkey | null> {
  const passkey = known.find(({ id }) => id === response.id);
  if (passkey === undefined) return null;
  const credential = {
    id: passkey.id,
    publicKey: Buffer.from(passkey.publicKey, 'base64url'),
    counter: passkey.counter,
  };
  const expected = { expectedChallenge: challenge, expectedOrigin: site.origin, expectedRPID: site.rpId };
  const verified = await verifyAuthenticationResponse({
    response,
    credential,
    ...expected,
    requireUserVerification: true,
  }).catch(() => null);
  return verified?.verified ? { ...passkey, counter: verified.authenticationInfo.newCounter } : null;
}
