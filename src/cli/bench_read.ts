import { existsSync, mkdirSync } from 'node:fs';
import { cpus, loadavg, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { openPipeline, type Pipeline } from '../pipeline/pipeline.js';
import { benchDecoder, benchPipeline } from '../reading/read_bench.js';
import { clipPath } from '../simulator/scenes/clips.js';
import { renderClip } from '../simulator/scenes/render_clip.js';
import { findScene } from '../simulator/scenes/scene_specs.js';
import { oneOf, usageError, wholeNumber } from './usage.js';

const secondsQuick = 3;
const secondsWhole = 10;

/** `platestream bench read`: what a frame costs, stage by stage, next to decoding alone in the same run. */
export const benchReadCommand = defineCommand({
  meta: {
    name: 'read',
    description:
      'Decoding to reads at 1080p H.264 with 0, 20 and 100 % of frames holding a plate: milliseconds a stage, frames a ' +
      'second and core (CPU time of every thread), next to the decoder alone in the same run.',
  },
  args: {
    quick: { type: 'boolean', description: `${secondsQuick} seconds a figure instead of ${secondsWhole}` },
    engine: { type: 'string', default: 'auto', description: 'auto|onnx|tfjs' },
    threads: { type: 'string', default: '1', description: 'threads that detect and read; as many clips play at once' },
    json: { type: 'boolean', description: 'print the figures as JSON' },
  },
  async run({ args }) {
    const inference = oneOf('--engine', args.engine, ['auto', 'onnx', 'tfjs'] as const);
    const threads = wholeNumber('--threads', args.threads, 1, 64);
    const clips = benchClips();
    const pipeline = await openPipeline({ inference, threads });
    if (!pipeline.ok) return usageError(pipeline.error);
    const seconds = args.quick ? secondsQuick : secondsWhole;
    const rows: Row[] = [];
    for (const clip of clips) rows.push(await measure(pipeline.value, clip, threads, seconds));
    await pipeline.value.close();
    const { model, inference: used } = pipeline.value;
    const conditions = { model, inference: used, threads, seconds, ...machine() };
    if (args.json) process.stdout.write(`${JSON.stringify({ ...conditions, clips: rows })}\n`);
    else print(rows, conditions);
  },
});

interface BenchClip {
  readonly platePercent: 0 | 20 | 100;
  readonly file: string;
}

/** The committed 1080p clips; the empty road is committed smaller and rendered here once, then kept in the temporary folder. */
function benchClips(): BenchClip[] {
  return [
    { platePercent: 0, file: emptyRoad() },
    { platePercent: 20, file: clipPath('plate-20') },
    { platePercent: 100, file: clipPath('plate-100') },
  ];
}

function emptyRoad(): string {
  const folder = join(tmpdir(), `platestream-clips-${userInfo().uid}`);
  const spec = findScene('empty-road');
  if (!spec) throw new Error('broken invariant: the empty road is a scene');
  const large = { ...spec, name: 'empty-road-1080p', width: 1920, height: 1080, fps: 10, frames: 40 };
  const file = join(folder, `${large.name}.mp4`);
  if (existsSync(file)) return file;
  process.stderr.write('rendering an empty road at 1080p (some seconds; kept for the next run)\n');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  renderClip(large, folder);
  return file;
}

type Row = Awaited<ReturnType<typeof measure>>;

/** The decoder alone before and after, so that a change of the machine's load shows and is shared out. */
async function measure(pipeline: Pipeline, { platePercent, file }: BenchClip, threads: number, seconds: number) {
  const before = await benchDecoder(file, seconds / 2);
  const whole = await benchPipeline(
    pipeline,
    Array.from({ length: threads }, () => file),
    seconds,
  );
  const after = await benchDecoder(file, seconds / 2);
  const decodeOnly = (before.frames + after.frames) / (before.cpuSeconds + after.cpuSeconds);
  return {
    platePercent,
    ...whole,
    decodeOnlyPerSecondPerCore: decodeOnly,
    shareOfDecodeOnly: whole.framesPerSecondPerCore / decodeOnly,
  };
}

function machine() {
  const all = cpus();
  return { node: process.version, cores: all.length, cpu: all[0]?.model ?? 'unknown', loadAverage: loadavg()[0] ?? 0 };
}

const columns = ['decode', 'gate', 'scale', 'detect', 'read', 'track', 'evidence'] as const;

function print(rows: readonly Row[], conditions: Readonly<Record<string, unknown>>): void {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  write(`1080p H.264, milliseconds a frame (wall time of each stage)\n`);
  write(`plates  ${columns.map((name) => name.padStart(10)).join('')}   frames/s/core   decoder alone   share`);
  for (const row of rows) {
    const stage = columns.map((name) => row.msPerFrame[name].toFixed(2).padStart(10)).join('');
    const rate = row.framesPerSecondPerCore.toFixed(1).padStart(13);
    const alone = row.decodeOnlyPerSecondPerCore.toFixed(1).padStart(13);
    write(
      `${String(row.platePercent).padStart(4)} %  ${stage}   ${rate}   ${alone}   ${(row.shareOfDecodeOnly * 100).toFixed(0).padStart(3)} %`,
    );
  }
  write(
    `\n${Object.entries(conditions)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  );
}
