/**
 * Three 32-bit hashes of a packed plate (54 bits): multiply-xorshift rounds with the constants of MurmurHash3's and Wellons'
 * finishers. The second and third do not follow from the first, so that plates which share a block share no bits by rule.
 */
export function hashA(first: number, rest: number): number {
  let x = Math.imul(first ^ (rest >>> 13), 0x9e3779b1) ^ Math.imul(rest, 0x85ebca77);
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

export function hashB(first: number, rest: number): number {
  let x = Math.imul(first, 0xc2b2ae3d) + Math.imul(rest ^ (first >>> 11), 0x27d4eb2f);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** From the two others: only asked when three bits of a filter have already agreed. */
export function hashC(a: number, b: number): number {
  let x = Math.imul(a ^ 0x5bd1e995, 0x2c1b3c6d) + b;
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return (x ^ (x >>> 15)) >>> 0;
}
