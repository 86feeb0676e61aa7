import { readFileSync } from 'node:fs';
import { packagePath } from '../../package_root.js';

/** One row of `models/designs/plate-designs.json`; positions are fractions of the plate. */
export interface PlateDesign {
  readonly id: string;
  readonly state: string;
  readonly country: string;
  readonly weight: number;
  readonly sizeMm: { readonly width: number; readonly height: number };
  readonly background: { readonly kind: string; readonly colors: readonly string[] };
  readonly ink: string;
  readonly border: { readonly color: string; readonly widthMm: number } | null;
  /** `9` is a digit, `A` a letter, `|` a line break; anything else stands for itself. */
  readonly formats: readonly string[];
  /** A coloured strip across the top. */
  readonly header?: { readonly color: string; readonly h: number };
  /** A coloured strip at the left (European plates); `w` is a fraction of the width. */
  readonly band?: { readonly color: string; readonly w: number; readonly side?: string };
  readonly sequence: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly legends: readonly PlateLegend[];
}

export interface PlateLegend {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly hFraction: number;
  readonly color: string;
}

/** All designs, from the file shared with the reader's training. */
export function plateDesigns(): readonly PlateDesign[] {
  const file = packagePath('models', 'designs', 'plate-designs.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { designs: PlateDesign[] }).designs;
}

export function findDesign(designs: readonly PlateDesign[], id: string): PlateDesign {
  const design = designs.find((candidate) => candidate.id === id);
  if (!design) throw new Error(`no plate design "${id}"; known: ${designs.map((known) => known.id).join(', ')}`);
  return design;
}

/** The text a reader must give for what is printed: letters and digits only. */
export function readableText(printed: string): string {
  return printed.toUpperCase().replace(/[^A-Z0-9]/g, '');
}
