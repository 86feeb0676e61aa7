declare const normalised: unique symbol;

/** A plate as it is compared: 1 to 10 of A-Z and 0-9. Only this file makes one. */
export type Plate = string & { readonly [normalised]: true };

/** The alphabet of plates, in the order of their digits 1 to 36 in a packed plate. */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const plateLengthMax = 10;
const charsPerHalf = 5;
const radix = alphabet.length + 1;
/** Weight of each character within its half: 37^4 .. 37^0. */
const weights = Int32Array.from({ length: plateLengthMax }, (_, i) => radix ** (charsPerHalf - 1 - (i % charsPerHalf)));
const digitOfCode = new Uint8Array(128);
for (let i = 0; i < alphabet.length; i++) digitOfCode[alphabet.charCodeAt(i)] = i + 1;

const separators = /[\s.\-_·•]/g;
const pattern = /^[A-Z0-9]{1,10}$/;
const wildcardPattern = /^[A-Z0-9?*]{2,12}$/;

/** Upper case, separators gone. @returns `null` when nothing, or something other than a plate, is left. */
export function normalisePlate(text: string): Plate | null {
  if (pattern.test(text)) return text as Plate;
  const plate = text.toUpperCase().replace(separators, '');
  return pattern.test(plate) ? (plate as Plate) : null;
}

/**
 * A plate of which not all is known: `?` is one character, `*` any run. At least two characters must be known, or it would match
 * every second vehicle.
 */
export function normaliseWildcard(text: string): string | null {
  const plate = text.toUpperCase().replace(separators, '');
  const known = plate.replace(/[?*]/g, '').length;
  return wildcardPattern.test(plate) && known >= 2 && known < plate.length ? plate : null;
}

/**
 * A plate packs into two numbers below 37^5 (27 bits): its first five characters and its last five, left-aligned, so different plates
 * pack differently and no text is allocated to look one up. @returns -1 when this half holds something that is on no plate.
 */
export function packFirst(text: string): number {
  return packHalf(text, 0);
}

export function packRest(text: string): number {
  return text.length > plateLengthMax ? -1 : packHalf(text, charsPerHalf);
}

function packHalf(text: string, from: number): number {
  const to = Math.min(text.length, from + charsPerHalf);
  let packed = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    const digit = code < 128 ? (digitOfCode[code] as number) : 0;
    if (digit === 0) return -1;
    packed += digit * (weights[i] as number);
  }
  return packed;
}

export function unpackPlate(first: number, rest: number): Plate {
  return (unpackHalf(first) + unpackHalf(rest)) as Plate;
}

function unpackHalf(packed: number): string {
  let text = '';
  for (let i = 0, left = packed; i < charsPerHalf; i++) {
    const digit = Math.floor(left / (weights[i] as number));
    if (digit === 0) break;
    text += alphabet[digit - 1];
    left -= digit * (weights[i] as number);
  }
  return text;
}

/** Both halves as one number below 37^10, which a double holds exactly; a key for maps. */
export function packedKey(first: number, rest: number): number {
  return first * radix ** charsPerHalf + rest;
}

/** What a packed half gains when the character at `index` of a plate becomes another. */
export function packedStep(index: number, from: string, to: string): number {
  return (digitOf(to) - digitOf(from)) * (weights[index] as number);
}

function digitOf(character: string): number {
  return digitOfCode[character.charCodeAt(0)] as number;
}
