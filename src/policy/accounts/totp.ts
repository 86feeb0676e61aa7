import { timingSafeEqual } from 'node:crypto';
import { generateSecret, generateSync, generateURI } from 'otplib';

/** Seconds a code is shown (RFC 6238); one step before and after is accepted. */
const stepSeconds = 30;

export function newTotpSecret(): string {
  return generateSecret();
}

/** For the QR code of an authenticator app. */
export function totpUri(secret: string, userId: string): string {
  return generateURI({ issuer: 'platestream', label: userId, secret });
}

export function totpCode(secret: string, nowMs: number): string {
  return generateSync({ secret, epoch: Math.floor(nowMs / 1000) });
}

/** @returns the step the code belongs to, or `null`; a step at or before `lastStep` has been used and is refused. */
export function matchTotp(secret: string, code: string, nowMs: number, lastStep: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const now = Math.floor(nowMs / 1000 / stepSeconds);
  for (const step of [now - 1, now, now + 1]) {
    const right = totpCode(secret, step * stepSeconds * 1000);
    if (timingSafeEqual(Buffer.from(right), Buffer.from(code)) && step > lastStep) return step;
  }
  return null;
}
