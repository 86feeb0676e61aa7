import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify as verifySignature,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeNewFile } from '../files/whole_file.js';

/** The Ed25519 key that signs checkpoints; keep its file away from the ledger's own folder and backups. */
export interface SigningKey {
  readonly publicPem: string;
  /** SHA-256 hex of the public key's DER. */
  readonly fingerprint: string;
  sign(text: string): string;
}

function wrap(key: KeyObject): SigningKey {
  const publicKey = createPublicKey(key);
  return {
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    fingerprint: hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'hex'),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  };
}

export function newSigningKey(): SigningKey {
  return wrap(generateKeyPairSync('ed25519').privateKey);
}

/** Reads the key, or makes one (mode 0600) where there is none. */
export function loadSigningKey(file: string): SigningKey {
  if (existsSync(file)) return wrap(createPrivateKey(readFileSync(file)));
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  writeNewFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return wrap(privateKey);
}

export function isSignedBy(publicPem: string, text: string, signature: string): boolean {
  return verifySignature(null, Buffer.from(text), createPublicKey(publicPem), Buffer.from(signature, 'base64'));
}
