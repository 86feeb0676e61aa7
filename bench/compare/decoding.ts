import { spawnSync } from 'node:child_process';
import { openPipeline } from '../../src/pipeline/pipeline.js';
import { benchDecoder, benchPipeline } from '../../src/reading/read_bench.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import type { Rate } from './rate.js';

/** 1080p H.264 in which every frame, or one in five, holds a plate: the whole product next to decoding alone, in turn. */
export async function compareDecoding(seconds: number): Promise<Rate[]> {
  const pipeline = await openPipeline({ inference: 'onnx', threads: 1 });
  if (!pipeline.ok) throw new Error(pipeline.error);
  const rates: Rate[] = [];
  for (const [name, plates] of [
    ['plate-20', '20 %'],
    ['plate-100', '100 %'],
  ] as const) {
    const decoder = await benchDecoder(clipPath(name), seconds);
    const product = await benchPipeline(pipeline.value, [clipPath(name)], seconds * 2);
    rates.push(
      {
        what: `platestream: decode, find, read, track; ${plates} plates`,
        unit: 'frames',
        perSecond: product.framesPerSecondPerCore,
      },
      {
        what: `decoding alone (FFmpeg in this process); ${plates} plates`,
        unit: 'frames',
        perSecond: decoder.frames / decoder.cpuSeconds,
        note: 'physical limit',
      },
    );
    const command = ffmpegCommand(clipPath(name), plates);
    if (command) rates.push(command);
  }
  await pipeline.value.close();
  return rates;
}

/** The ffmpeg command on the same clip, played ten times; `null` where it is not installed. */
function ffmpegCommand(file: string, plates: string): Rate | null {
  const args = ['-nostdin', '-benchmark', '-threads', '1', '-stream_loop', '9', '-i', file, '-an', '-f', 'null', '-'];
  const { status, stderr } = spawnSync('ffmpeg', args, { encoding: 'utf8', timeout: 120_000 });
  if (status !== 0) return null;
  const frames = Number([...stderr.matchAll(/frame=\s*(\d+)/g)].at(-1)?.[1]);
  const [, user, system] = /utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? [];
  const perSecond = frames / (Number(user) + Number(system));
  return {
    what: `decoding alone (ffmpeg command); ${plates} plates`,
    unit: 'frames',
    perSecond,
    note: 'physical limit',
  };
}
