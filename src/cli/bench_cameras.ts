import { existsSync, writeFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { sizingChart } from '../sizing/chart.js';
import { clipOf, type SizingClip } from '../sizing/clip.js';
import { type CameraKind, inWords, sizes } from '../sizing/kind.js';
import { type SizingOptions, type SizingResult, sizeMachine } from '../sizing/run.js';
import { coreCount } from '../sizing/step.js';
import { answerLines, tableHead, tableRow } from '../sizing/table.js';
import { usageError, wholeNumber } from './usage.js';

/** `platestream bench cameras`: how many cameras of one kind does this machine carry? */
export const benchCamerasCommand = defineCommand({
  meta: {
    name: 'cameras',
    description:
      'Ramps simulated RTSP cameras through the whole program until frames are lost, alerts come late or cores are busy.',
  },
  args: {
    quick: { type: 'boolean', description: 'shorter and fewer steps: under two minutes' },
    json: { type: 'boolean', description: 'print the result as JSON' },
    svg: { type: 'string', description: 'write a chart to this file' },
    codec: { type: 'string', default: 'h264', description: 'h264 | h265' },
    size: { type: 'string', default: '1080p', description: '720p | 1080p | 4k' },
    fps: {
      type: 'string',
      default: '10',
      description: 'frames a second, all analysed; a road needs 10 below 25 mph, 15 below 45, 30 above',
    },
    plates: { type: 'string', default: '20', description: 'percent of frames with a plate: 0 | 20 | 100' },
    night: { type: 'boolean', description: 'an infra-red camera at night' },
    clip: { type: 'string', description: 'your own recording instead of a rendered scene' },
    seed: { type: 'string', default: '1', description: 'where in the clip each camera begins' },
    'cameras-max': { type: 'string', default: '64', description: 'try at most so many' },
    inference: { type: 'string', default: 'onnx', description: 'onnx | tfjs | auto' },
    threads: { type: 'string', description: "inference threads (default: the program's own)" },
    overload: {
      type: 'boolean',
      description: 'ends with 80 % of the cameras that are carried, and with three times as many',
    },
  },
  async run({ args }) {
    if (process.platform !== 'linux')
      usageError('bench cameras: reads what processes use from /proc, so it needs Linux');
    const kind: CameraKind = {
      codec: oneOf('--codec', args.codec, ['h264', 'h265'] as const),
      size: oneOf('--size', args.size, Object.keys(sizes) as (keyof typeof sizes)[]),
      fps: wholeNumber('--fps', args.fps, 1, 60),
      plates: Number(oneOf('--plates', args.plates, ['0', '20', '100'] as const)) as CameraKind['plates'],
      night: args.night ?? false,
      seed: wholeNumber('--seed', args.seed, 0, 2 ** 31),
    };
    const progress = (text: string) => void process.stderr.write(`${text}\n`);
    const inference = oneOf('--inference', args.inference, ['onnx', 'tfjs', 'auto'] as const);
    const threads = args.threads ? { threads: wholeNumber('--threads', args.threads, 1, 64) } : {};
    const clip = args.clip ? ownClip(args.clip) : await clipOf(kind, progress);
    if (!args.json) process.stdout.write(`${inWords(kind)}\n${tableHead()}\n`);
    const result = await sizeMachine({
      kind,
      clip,
      ...pace(args.quick ?? false, wholeNumber('--cameras-max', args['cameras-max'], 1, 300)),
      engine: { inference, ...threads },
      ...(args.overload ? { overload: true, rated: true } : { overload: false }),
      onStep: (step) =>
        (args.json ? progress : (line: string) => void process.stdout.write(`${line}\n`))(tableRow(step)),
    }).catch((error: Error) => usageError(error.message));
    if (args.svg) writeFileSync(args.svg, sizingChart(result));
    report(result, args.json ?? false);
  },
});

type Pace = Pick<SizingOptions, 'bounds' | 'budgetMs' | 'warmUpMs' | 'measureMs' | 'rated'>;

/** How long and how finely: `--quick` answers within two minutes, to about a sixth. */
function pace(quick: boolean, camerasMax: number): Pace {
  const bounds = {
    first: quick ? Math.min(camerasMax, 4 * coreCount()) : 1,
    camerasMax,
    stepsMax: quick ? 7 : 16,
    precision: quick ? 0.15 : 0.05,
  };
  return quick
    ? { bounds, budgetMs: 105_000, warmUpMs: 500, measureMs: 7000, rated: false }
    : { bounds, budgetMs: 15 * 60_000, warmUpMs: 4000, measureMs: 20_000, rated: true };
}

function report(result: SizingResult, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `\n${answerLines(result).join('\n')}\n`);
}

function ownClip(file: string): SizingClip {
  if (!existsSync(file)) usageError(`--clip ${file}: no such file`);
  return { file, plates: [] };
}

function oneOf<Value extends string>(name: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((one) => one === value);
  return found ?? usageError(`${name} ${value}: must be one of ${allowed.join(', ')}`);
}
