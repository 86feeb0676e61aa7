import { hash, verify } from '@node-rs/argon2';

/** Words that long passwords are too often made of; compared after digits and signs are taken out. */
const blocked = [
  'password', 'passwort', 'passphrase', 'letmein', 'welcome', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'iloveyou', 'administrator',
  'admin', 'police', 'department', 'changeme', 'default', 'secret', 'platestream', 'correcthorsebatterystaple', 'abcdefghijklmnopqrstuvwxyz',
]; // biome-ignore format: a list of words
const charsMax = 256;

/** OWASP's argon2id parameters: 19 MiB, two passes. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** @returns what is wrong with a password, or `null` (NIST SP 800-63B: length and a blocklist, no composition rules). */
export function passwordProblem(
  password: string,
  about: { charsMin: number; userId: string; name: string },
): string | null {
  const chars = [...password.normalize('NFKC')];
  if (chars.length < about.charsMin)
    return `at least ${about.charsMin} characters; a few words that only you would put together`;
  if (chars.length > charsMax) return `at most ${charsMax} characters`;
  if (new Set(chars).size < 6) return 'too few different characters';
  const letters = password
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}]/gu, '');
  const common = blocked.reduce((rest, word) => rest.replaceAll(word, ''), letters);
  if (letters.length - common.length > 0 && common.length < 6) return 'made of words that everybody tries first';
  if (letters.length < 4) return 'only digits and signs are too easy to try';
  const own = [about.userId, ...about.name.toLowerCase().split(/\s+/)].filter((word) => word.length >= 4);
  const rest = own.reduce((left, word) => left.replaceAll(word, ''), letters);
  return rest.length < 6 ? 'made of your own name' : null;
}

export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), cost);
}

/** A hash of nothing anybody knows: an unknown login takes as long as a known one. */
const decoy = hash(crypto.randomUUID(), cost);

export async function isPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const right = await verify(passwordHash ?? (await decoy), password.normalize('NFKC'));
  return passwordHash !== null && right;
}
