import { inWords, roadFor } from './kind.js';
import type { JudgedStep, SizingResult } from './run.js';
import type { StepFigures } from './step.js';

const columns = [
  'cameras',
  'frames/s',
  'analysed',
  'lost',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'engine',
  'control',
  'other',
  'memory',
  'verdict',
];
const widths = [7, 9, 9, 7, 7, 7, 7, 7, 8, 6, 8, 8];

export function tableHead(): string {
  return columns.map((name, i) => name.padStart(widths[i] ?? 0)).join(' ');
}

/** One step as a line: engine, control and other in cores used; `other` is all of this machine that is not part of the run. */
export function tableRow(step: JudgedStep): string {
  const { frames, seconds, latencyMs, cores } = step;
  const cells = [
    String(step.cameras),
    (frames.sent / seconds).toFixed(0),
    (frames.analysed / seconds).toFixed(0),
    `${(step.lostShare * 100).toFixed(1)} %`,
    ...[latencyMs.p50, latencyMs.p95, latencyMs.p99].map((ms) => (step.alerts > 0 ? ms.toFixed(0) : '-')),
    cores.engine.toFixed(2),
    cores.control.toFixed(2),
    cores.other.toFixed(2),
    megabytes(step),
    step.limit ?? 'carried',
  ];
  return cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join(' ');
}

/** The answer in sentences, ending with the line that buys the hardware. */
export function answerLines(result: SizingResult): string[] {
  const { kind, carried, byRoad, machine, at80, at300 } = result;
  const road = roadFor(kind.fps);
  const place = road ? `roads ${road.limit}` : 'no road (10 frames/s are needed below 25 mph)';
  return [
    `Limited by: ${result.limitedBy}.`,
    ...disturbance(result),
    `Cost: ${result.coreMsPerFrame.toFixed(1)} core ms a frame. Machine: ${machine.cores} cores, ${machine.cpu}.`,
    ...(at80 ? [`At 80 % (${at80.cameras} cameras): ${latencyWords(at80)}.`] : []),
    ...(at300
      ? [
          `At 300 % (${at300.cameras} cameras): ${latencyWords(at300)}; ${shedWords(at300)}; ${overloadWords(at300, at80)}.`,
        ]
      : []),
    ...byRoad
      .filter(({ measured }) => !measured)
      .map(
        ({ limit, fps, cameras }) =>
          `Roads ${limit} (${fps} frames/s): about ${cameras}, estimated from the cost of a frame.`,
      ),
    `This machine carries ${carried} cameras of this kind (${inWords(kind)}) on ${place}.`,
  ];
}

function latencyWords({ alerts, latencyMs, bestFrameLatencyMs }: StepFigures): string {
  if (alerts === 0) return 'no alert in this time';
  const settled = `capture to alert p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms over ${alerts} alerts`;
  return `${settled} (from the best frame of the pass: p99 ${bestFrameLatencyMs.p99} ms)`;
}

function shedWords({ lostShare, frames }: StepFigures): string {
  const reasons = Object.entries(frames.dropped).map(([reason, count]) => `${reason} ${count}`);
  return `${(lostShare * 100).toFixed(0)} % of frames shed (${reasons.join(', ') || 'none captured and dropped'})`;
}

/** Kept frames are to alert within this time, however many there are. */
const overloadP99MsMax = 1_000;

function overloadWords(at300: StepFigures, at80: StepFigures | null): string {
  const memory = `memory ${megabytes(at300)}${at80 ? ` (at 80 %: ${megabytes(at80)})` : ''}`;
  if (at300.alerts === 0) return memory;
  const met = at300.latencyMs.p99 <= overloadP99MsMax ? 'met' : 'not met';
  return `the aim of ${overloadP99MsMax} ms for kept frames is ${met}; ${memory}`;
}

const megabytes = ({ rssBytes }: StepFigures) => `${((rssBytes.control + rssBytes.engine) / 1e6).toFixed(0)} MB`;

/** Other programs took cores meanwhile: the answer is less than the machine could do alone. */
function disturbance({ steps }: SizingResult): string[] {
  const other = Math.max(0, ...steps.map((step) => step.cores.other));
  if (other < 0.3) return [];
  return [`Other programs used up to ${other.toFixed(1)} cores meanwhile: alone, this machine may carry more.`];
}
