import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** The site an authenticator believes to be at. */
export interface AuthenticatorSite {
  readonly rpId: string;
  readonly origin: string;
}

/** What the key itself reports of the ceremony: a person was there (1), and was recognised by PIN or finger (4). */
const [userPresent, userVerified, attested] = [0x01, 0x04, 0x40];

export interface Misbehaviour {
  readonly site?: AuthenticatorSite;
  /** Somebody merely touched the key: no PIN, no finger. */
  readonly unverified?: boolean;
  /** The signature counter, as a copied key would have it. */
  readonly counter?: number;
}

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();

/**
 * A passkey in software: ES256, attestation `none`, the byte layouts of Web Authentication Level 2 (6.1 authenticator data, 6.5.1 attested
 * credential data; the key as COSE, RFC 9052 and 9053). Signs what it is asked to, and misbehaves only when told to.
 */
export function softwareAuthenticator(home: AuthenticatorSite) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
  const id = randomBytes(16);
  let counter = 0;

  function authenticatorData(flags: number, { site = home, counter: forced, unverified }: Misbehaviour): Buffer {
    const bytes = Buffer.alloc(37);
    sha256(site.rpId).copy(bytes);
    bytes[32] = flags | userPresent | (unverified ? 0 : userVerified);
    counter = forced ?? counter + 1;
    bytes.writeUInt32BE(counter, 33);
    return bytes;
  }

  const clientData = (type: string, challenge: string, { site = home }: Misbehaviour) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: site.origin, crossOrigin: false }));
  const envelope = {
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key' as const,
    clientExtensionResults: {},
  };
  /** {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y} */
  const coseKey = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);

  return {
    id: envelope.id,
    get counter() {
      return counter;
    },
    /** Answers `navigator.credentials.create`. */
    create(challenge: string, how: Misbehaviour = {}) {
      const credential = Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, coseKey]);
      const authData = Buffer.concat([authenticatorData(attested, how), credential]);
      /** {"fmt": "none", "attStmt": {}, "authData": bytes} */
      const head = Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex');
      const attestationObject = Buffer.concat([head, Buffer.of(authData.length), authData]).toString('base64url');
      const clientDataJSON = clientData('webauthn.create', challenge, how).toString('base64url');
      return { ...envelope, response: { attestationObject, clientDataJSON } };
    },
    /** Answers `navigator.credentials.get`. */
    get(challenge: string, how: Misbehaviour = {}) {
      const data = authenticatorData(0, how);
      const client = clientData('webauthn.get', challenge, how);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      const response = {
        authenticatorData: data.toString('base64url'),
        clientDataJSON: client.toString('base64url'),
        signature: signature.toString('base64url'),
      };
      return { ...envelope, response };
    },
  };
}
