import { type Answer, send } from './api/client.js';
import type { SecondFactor } from './api/views.js';

interface ParsesJson {
  parseRequestOptionsFromJSON?: (options: unknown) => PublicKeyCredentialRequestOptions;
  parseCreationOptionsFromJSON?: (options: unknown) => PublicKeyCredentialCreationOptions;
}

function parser(): ParsesJson | null {
  return typeof PublicKeyCredential === 'function' ? (PublicKeyCredential as unknown as ParsesJson) : null;
}

export function passkeysWork(): boolean {
  return typeof parser()?.parseRequestOptionsFromJSON === 'function';
}

function jsonOf(credential: Credential | null): unknown {
  return (credential as unknown as { toJSON(): unknown }).toJSON();
}

const notGiven = {
  ok: false as const,
  problem: {
    status: 0,
    code: 'PASSKEY_NOT_GIVEN',
    detail: 'No passkey was given. Try again, or use an authenticator code.',
  },
};

/** Asks the browser for a passkey of this user; the challenge is the server's. */
export async function passkeyAnswer(userId: string): Promise<Answer<SecondFactor>> {
  const options = await send<unknown>('/api/passkeys/challenge', { userId });
  if (!options.ok) return options;
  try {
    const publicKey = parser()?.parseRequestOptionsFromJSON?.(options.value);
    if (publicKey === undefined) return notGiven;
    const credential = await navigator.credentials.get({ publicKey });
    return { ok: true, value: { kind: 'passkey', response: jsonOf(credential) }, sequence: null };
  } catch {
    return notGiven;
  }
}

/** Makes a passkey on this device for the person signed in. */
export async function makePasskey(): Promise<Answer<unknown>> {
  const options = await send<unknown>('/api/passkeys/options', {});
  if (!options.ok) return options;
  try {
    const publicKey = parser()?.parseCreationOptionsFromJSON?.(options.value);
    if (publicKey === undefined) return notGiven;
    const credential = await navigator.credentials.create({ publicKey });
    return await send('/api/passkeys', { response: jsonOf(credential) });
  } catch {
    return notGiven;
  }
}
