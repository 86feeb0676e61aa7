/** Lines of an invented NCIC extract, at the columns that `src/match/import/ncic.ts` reads. */
export interface NcicRow {
  readonly code: string;
  readonly plate: string;
  readonly state: string;
  readonly make?: string;
  readonly model?: string;
  readonly colour?: string;
}

export function ncicLine({ code, plate, state, make = '', model = '', colour = '' }: NcicRow): string {
  const cells: [number, string][] = [
    [0, code.slice(0, 1)],
    [19, '20251231'],
    [27, plate.slice(0, 10)],
    [37, state.slice(0, 2)],
    [45, '2026'],
    [49, make.slice(0, 4)],
    [53, model.slice(0, 3)],
    [58, colour.slice(0, 8)],
  ];
  return cells.reduce((line, [at, text]) => line.padEnd(at) + text, '');
}

export function ncicFile(lines: readonly string[], compiled = ''): string {
  return [`NCIC LICENSE PLATE EXTRACT ${compiled}`, ...lines].join('\n');
}
