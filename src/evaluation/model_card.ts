import { readFileSync, writeFileSync } from 'node:fs';
import { packagePath } from '../package_root.js';
import { type Results, reportOf } from './table.js';

const begin = '<!-- figures: npm run evaluate -- --card -->';
const end = '<!-- end of figures -->';

export const cardFile = () => packagePath('models', 'README.md');
export const resultsFile = () => packagePath('models', 'results.json');

/** The card with its figures replaced. @throws when the markers are missing */
export function withFigures(card: string, results: Results): string {
  const [from, to] = [card.indexOf(begin), card.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the model card lacks ${begin} ... ${end}`);
  return `${card.slice(0, from + begin.length)}\n\n${reportOf(results)}\n${card.slice(to)}`;
}

/** Writes the results and the card that shows them. */
export function writeCard(results: Results): void {
  writeFileSync(resultsFile(), `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(cardFile(), withFigures(readFileSync(cardFile(), 'utf8'), results));
}
