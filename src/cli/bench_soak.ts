import { defineCommand } from 'citty';
import { clipPath } from '../simulator/scenes/clips.js';
import { type SoakResult, type SoakSample, soak } from '../sizing/soak.js';
import { usageError, wholeNumber } from './usage.js';

const clips = ['demo-day', 'demo-night', 'demo-rain', 'two-line', 'multi-state', 'empty-road'] as const;
/** Of two sizes, so that a camera can change its own; plates in one only, for a camera whose plates change their size is taken out of service. */
const flappingClips = ['plate-20', 'empty-road'] as const;

/** Growth over this is a leak. */
const memoryShareMax = 0.05;
/** A camera between two connections holds a few more or fewer than one that plays. */
const handlesMax = 4;

/** `platestream bench soak`: does what the program holds stay where it was? With `--flap-hours`: while cameras come and go. */
export const benchSoakCommand = defineCommand({
  meta: {
    name: 'soak',
    description:
      'The whole program with simulated cameras for minutes: memory, descriptors, sockets and threads every 10 seconds, frames ' +
      'accounted for at every look. Exit code 1 when memory grew by more than 5 % after minute five (of a run under ten ' +
      'minutes: after half of it), handles leaked, frames went missing or a camera did not come back.',
  },
  args: {
    minutes: { type: 'string', default: '30', description: 'how long' },
    cameras: { type: 'string', default: '8', description: 'simulated cameras' },
    fps: { type: 'string', default: '10', description: 'frames of each looked at per second' },
    'flap-hours': {
      type: 'string',
      default: '0',
      description:
        'simulated hours of cameras that stall, disconnect, change size, lose packets, refuse: the pauses between faults are ' +
        'shortened so that they fit into --minutes, the faults themselves take their real time',
    },
    'flap-every': { type: 'string', default: '10', description: 'simulated minutes between two faults of a camera' },
    seed: { type: 'string', default: '1', description: 'which faults come when' },
    json: { type: 'boolean', description: 'print the whole curve as JSON' },
  },
  async run({ args }) {
    if (process.platform !== 'linux') usageError('bench soak: reads what processes use from /proc, so it needs Linux');
    const say = (text: string) => void (args.json ? process.stderr : process.stdout).write(`${text}\n`);
    const hours = wholeNumber('--flap-hours', args['flap-hours'], 0, 24 * 365);
    const flaps = {
      hours,
      everyMinutes: wholeNumber('--flap-every', args['flap-every'], 1, 1440),
      seed: wholeNumber('--seed', args.seed, 0, 2 ** 31),
    };
    say(heads.map(([name, width]) => name.padStart(width)).join(''));
    const result = await soak({
      clips: (hours > 0 ? flappingClips : clips).map(clipPath),
      cameras: wholeNumber('--cameras', args.cameras, 1, 64),
      fps: wholeNumber('--fps', args.fps, 1, 60),
      minutes: wholeNumber('--minutes', args.minutes, 1, 24 * 60),
      flaps: hours > 0 ? flaps : null,
      onSample: (sample) => say(row(sample)),
    }).catch((error: Error) => usageError(`bench soak: ${error.message}`));
    if (args.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    for (const line of verdict(result)) say(line);
    process.exitCode = isWell(result) ? 0 : 1;
  },
});

const heads = [
  ['second', 6],
  ['control MB', 12],
  ['engine MB', 11],
  ['descriptors', 13],
  ['sockets', 9],
  ['eng. threads', 14],
  ['playing', 9],
  ['captured', 10],
  ['dropped', 9],
  ['faults', 8],
  ['sim. hours', 12],
] as const;

function row(sample: SoakSample): string {
  const { controlRssBytes, engineRssBytes, handles, simulatedHours } = sample;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  const cells = [
    sample.second,
    megabytes(controlRssBytes),
    megabytes(engineRssBytes),
    handles.descriptors,
    handles.sockets,
    handles.threads,
    sample.playing,
    sample.captured,
    sample.dropped,
    sample.faults,
    simulatedHours.toFixed(1),
  ];
  return cells.map((cell, i) => String(cell).padStart(heads[i]?.[1] ?? 0)).join('');
}

function verdict(result: SoakResult): string[] {
  const { growthShare, judgedFromSecond, handleGrowth, looks, unbalanced, engineRestarts } = result;
  return [
    ...flapLines(result),
    `memory after second ${judgedFromSecond}: ${(growthShare * 100).toFixed(1)} %`,
    `first quarter to last: descriptors ${signed(handleGrowth.descriptors)}, sockets ${signed(handleGrowth.sockets)}, threads ${signed(handleGrowth.threads)}`,
    `engines that died: ${engineRestarts}`,
    `every frame accounted for: ${unbalanced.length === 0 ? `yes, in each of ${looks} looks` : `NO, in ${unbalanced.length} cases: ${[...new Set(unbalanced)].join(', ')}`}`,
  ];
}

function flapLines({ flapping }: SoakResult): string[] {
  if (flapping === null) return [];
  const { hours, minutes, faults, recoverySeconds, stuck, takenOut } = flapping;
  const speedUp = Math.round((hours * 60) / minutes);
  return [
    `${hours} hours of faults in ${minutes.toFixed(1)} minutes (pauses between them ${speedUp} times as short): ${faults} faults`,
    ...Object.entries(recoverySeconds).map(
      ([kind, { times, p50, p95, max }]) =>
        `  ${kind}: ${times} times, fresh frames after p50 ${p50.toFixed(1)} s, p95 ${p95.toFixed(1)} s, at most ${max.toFixed(1)} s`,
    ),
    `cameras that did not come back: ${stuck.length === 0 ? 'none' : stuck.join('; ')}`,
    `cameras the policy took out of service: ${takenOut.length === 0 ? 'none' : takenOut.join('; ')}`,
  ];
}

function isWell({ growthShare, handleGrowth, unbalanced, engineRestarts, flapping }: SoakResult): boolean {
  const leaks = Object.values(handleGrowth).some((count) => count > handlesMax);
  const stuck = (flapping?.stuck.length ?? 0) > 0;
  return growthShare <= memoryShareMax && !leaks && unbalanced.length === 0 && engineRestarts === 0 && !stuck;
}

const signed = (count: number) => (count > 0 ? `+${count}` : String(count));
