import { readFileSync } from 'node:fs';
import { packagePath } from '../../package_root.js';
import { type Point, strokeLine } from './paint.js';
import type { Colour, Picture } from './picture.js';

/**
 * The project's own plate letters (`models/designs/plate-glyphs.json`): centre lines of strokes in units of the cap
 * height (y down), drawn with round caps. One file for these scenes and for the reader's training.
 */
export interface GlyphSet {
  readonly unitsPerEm: number;
  readonly strokeWidth: number;
  readonly glyphs: Readonly<Record<string, Glyph>>;
}

interface Glyph {
  readonly advance: number;
  /** Paths of `M x y`, `L x y` and `C x1 y1 x2 y2 x y`. */
  readonly paths: readonly string[];
}

const curveSteps = 8;
let loaded: GlyphSet | null = null;

export function glyphSet(): GlyphSet {
  loaded ??= JSON.parse(readFileSync(packagePath('models', 'designs', 'plate-glyphs.json'), 'utf8')) as GlyphSet;
  return loaded;
}

/** The glyph of a character; small letters are drawn as capitals; null where the font has none. */
export function glyphOf(character: string): Glyph | null {
  const { glyphs } = glyphSet();
  return glyphs[character] ?? glyphs[character.toUpperCase()] ?? null;
}

/** Turns a path into the points of a line, in font units. */
export function flattenPath(path: string): Point[] {
  const points: Point[] = [];
  for (const [, command, numbers] of path.matchAll(/([MLC])([^MLC]*)/g)) {
    const values = numbers!
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    if (command === 'C') points.push(...curvePoints(points.at(-1)!, values));
    else points.push([values[0]!, values[1]!]);
  }
  return points;
}

function curvePoints([x0, y0]: Point, values: readonly number[]): Point[] {
  const [x1, y1, x2, y2, x3, y3] = values as [number, number, number, number, number, number];
  return Array.from({ length: curveSteps }, (_, step) => {
    const t = (step + 1) / curveSteps;
    const s = 1 - t;
    const weights = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t] as const;
    return [
      weights[0] * x0 + weights[1] * x1 + weights[2] * x2 + weights[3] * x3,
      weights[0] * y0 + weights[1] * y1 + weights[2] * y2 + weights[3] * y3,
    ] as const;
  });
}

/** Width of a text in cap heights, without the gap after the last character. */
export function textWidth(text: string): number {
  const { unitsPerEm } = glyphSet();
  return [...text].reduce((sum, character) => sum + (glyphOf(character)?.advance ?? 300), -90) / unitsPerEm;
}

/** Where a line of text goes: pixels; `squeeze` narrows the letters, `gap` is added after each. */
export interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly squeeze: number;
  readonly gap: number;
}

/** Draws one line of text; (x, y) is the top left corner of the first capital. */
export function drawText(picture: Picture, text: string, place: TextPlace, colour: Colour, opacity = 1): void {
  const { unitsPerEm, strokeWidth } = glyphSet();
  const scale = place.height / unitsPerEm;
  let x = place.x;
  for (const character of text) {
    const glyph = glyphOf(character);
    for (const path of glyph?.paths ?? []) {
      const points = flattenPath(path).map(([px, py]): Point => [x + px * scale * place.squeeze, place.y + py * scale]);
      strokeLine(picture, points, strokeWidth * scale * Math.sqrt(place.squeeze), colour, opacity);
    }
    x += (glyph?.advance ?? 300) * scale * place.squeeze + place.gap;
  }
}

/** Draws text as large as fits into a box (pixels), centred, with letters evenly apart. */
export function drawTextInBox(
  picture: Picture,
  text: string,
  box: readonly [number, number, number, number],
  colour: Colour,
  opacity = 1,
): void {
  const place = fitText(text, box);
  drawText(picture, text, place, colour, opacity);
}

export function fitText(text: string, [x, y, width, height]: readonly [number, number, number, number]): TextPlace {
  const natural = textWidth(text) * height;
  const squeeze = Math.min(1.12, width / natural);
  const used = natural * squeeze;
  const gap = text.length > 1 ? Math.min(height * 0.09, (width - used) / (text.length - 1)) : 0;
  const left = x + (width - used - gap * (text.length - 1)) / 2;
  return { x: left, y, height, squeeze, gap };
}
