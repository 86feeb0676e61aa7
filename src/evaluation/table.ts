import type { Calibration, StateFigures } from './certainty.js';
import type { Figures } from './tally.js';
import type { NetworkTimes } from './yardstick.js';

/** What one run of `evaluate` found; the model card's figures are the last one committed. */
export interface Results {
  readonly model: string;
  readonly engine: string;
  readonly sets: readonly Figures[];
  /** Per set with texts, then of all scenes and of all crops together. */
  readonly calibration: readonly Calibration[];
  readonly states: readonly StateFigures[];
  /** Null where ONNX Runtime does not run. */
  readonly times: NetworkTimes | null;
  readonly against?: readonly Figures[];
}

const show = (value: number | null, digits: number) => (value === null ? '-' : value.toFixed(digits));

/** A head and how its cell is written. */
type Column<Row> = readonly [string, (row: Row) => string];

const columns: readonly Column<Figures>[] = [
  ['set', ({ set }) => set],
  ['images', ({ images }) => String(images)],
  ['texts', ({ texts }) => String(texts)],
  ['strict %', ({ strict }) => show(strict, 1)],
  ['0=O 1=I %', ({ merged }) => show(merged, 1)],
  ['edit<=1 %', ({ withinOne }) => show(withinOne, 1)],
  ['recall@.5 %', ({ recall }) => show(recall, 1)],
  ['reported %', ({ reported }) => show(reported, 1)],
  ['false/image', ({ falsePerImage }) => show(falsePerImage, 3)],
  ['detect ms', ({ detectMs }) => show(detectMs, 1)],
  ['read ms', ({ readMs }) => show(readMs, 1)],
];

const calibrationColumns: readonly Column<Calibration>[] = [
  ['text', ({ set }) => set],
  ['reads', ({ reads }) => String(reads)],
  ['confidence %', ({ confidence }) => show(confidence, 1)],
  ['right %', ({ right }) => show(right, 1)],
  ['ECE', ({ error }) => show(error, 3)],
  ['by chance', ({ chance }) => show(chance.mean, 3)],
  ['95 % below', ({ chance }) => show(chance.upper, 3)],
  ['ECE 0=O 1=I', ({ mergedError }) => show(mergedError, 3)],
];

const stateColumns: readonly Column<StateFigures>[] = [
  ['state', ({ set }) => set],
  ['plates', ({ plates }) => String(plates)],
  ['top-1 %', ({ top1 }) => show(top1, 1)],
  ['named %', ({ named }) => show(named, 1)],
  ['right of named %', ({ namedRight }) => show(namedRight, 1)],
  ['ECE', ({ error }) => show(error, 3)],
];

/** Rows under a head, as a Markdown table whose columns also line up as text. */
function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, value]) => value(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => (line[i] as string).length)));
  const line = (values: readonly string[]) =>
    `| ${values.map((value, i) => (i === 0 ? value.padEnd(widths[i] as number) : value.padStart(widths[i] as number))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  const [head, ...body] = cells.map(line);
  return [head, rule, ...body].join('\n');
}

function timesLine(times: NetworkTimes): string {
  const { detectorMs, readerMs, gigaflops, detectorMsAtReference, readerMsAtReference } = times;
  return (
    `Fastest of 60 runs, ONNX Runtime, one thread: detector ${detectorMs.toFixed(2)} ms, reader ${readerMs.toFixed(2)} ms, ` +
    `beside a matrix product at ${gigaflops.toFixed(0)} GFLOP/s; at 106 GFLOP/s that is ` +
    `${detectorMsAtReference.toFixed(1)} ms and ${readerMsAtReference.toFixed(2)} ms.`
  );
}

/** All of it as Markdown: what `evaluate` prints and what stands in the model card. */
export function reportOf({ model, engine, sets, calibration, states, times, against }: Results): string {
  const parts = [`${model}, ${engine}, one still image, no voting`, tableOf(sets, columns)];
  if (calibration.length > 0) parts.push(tableOf(calibration, calibrationColumns));
  if (states.length > 0) parts.push(tableOf(states, stateColumns));
  if (times) parts.push(timesLine(times));
  if (against) parts.push('The same pictures read by OpenALPR:', tableOf(against, columns));
  return `${parts.join('\n\n')}\n`;
}
