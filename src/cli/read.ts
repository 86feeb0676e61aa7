import { defineCommand } from 'citty';
import { cacheFile } from '../cache_file.js';
import type { Box } from '../data/box.js';
import { regionOf } from '../data/region.js';
import { fail, ok, type Result } from '../data/result.js';
import { redacted } from '../ingest/address.js';
import { type Media, mediaOf } from '../ingest/media.js';
import { cameraSettings } from '../ingest/settings.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { openStillReader, type PlateFound, type StillReader } from '../reading/still_reader.js';
import type { PassRead } from '../reading/video_reader.js';
import { stopOnSignal } from './stop_signal.js';
import { oneOf, regionsIn, usageError, wholeNumber } from './usage.js';

/** `platestream read FILE|DIR|URL...`: the plates of pictures, videos and streams, one JSON object a line. */
export const readCommand = defineCommand({
  meta: {
    name: 'read',
    description:
      'Reads the plates of pictures (JPEG, PNG, WebP), folders, video files and rtsp:// addresses. One line a picture; ' +
      'of a video or stream one line a vehicle pass. Boxes are x, y, width, height in pixels as stored in the file ' +
      '(before EXIF orientation). Exit code 2 when something could not be read; everything else is read all the same.',
  },
  args: {
    file: { type: 'positional', description: 'FILE|DIR|URL, as many as you like', required: true },
    json: { type: 'boolean', description: 'one JSON object a line instead of a table' },
    engine: {
      type: 'string',
      default: 'auto',
      description: 'auto|onnx|tfjs (auto: the faster one here, measured once)',
    },
    regions: {
      type: 'string',
      description: 'where most plates come from, e.g. US-MA,US,DE (ISO 3166); others are weighed less, never ruled out',
    },
    fps: { type: 'string', default: '10', description: 'frames of a video or stream looked at per second' },
    seconds: { type: 'string', description: 'stop reading a stream after so many seconds (default: until Ctrl-C)' },
    udp: { type: 'boolean', description: 'streams over UDP instead of TCP' },
    username: { type: 'string', description: 'user name for the streams' },
    'password-env': { type: 'string', description: 'name of the environment variable that holds their password' },
    'password-file': { type: 'string', description: 'file that holds their password' },
    'tls-ca-file': {
      type: 'string',
      description: 'who may sign the certificates of rtsps:// and https:// streams (PEM)',
    },
    'tls-insecure': { type: 'boolean', description: 'do not check their certificates' },
    manifest: { type: 'string', description: "another model pair's manifest.json" },
  },
  async run({ args }) {
    const inference = oneOf('--engine', args.engine, ['auto', 'onnx', 'tfjs'] as const);
    const choiceFile = cacheFile('inference.json');
    const regions = regionsIn(args.regions);
    const reader = await openStillReader({ inference, choiceFile, manifest: args.manifest, regions });
    if (!reader.ok) return usageError(reader.error);
    const stopping = stopOnSignal(args.seconds ? wholeNumber('--seconds', args.seconds, 1, 86_400) : null);
    const stream = {
      analysedFps: wholeNumber('--fps', args.fps, 1, 60),
      transport: args.udp ? 'udp' : 'tcp',
      // Whoever reads a stream by hand wants every pass of it, late or not.
      lateAfterMs: 600_000,
      idle: { enabled: false },
      tls: { verify: !args['tls-insecure'], ...(args['tls-ca-file'] ? { caFile: args['tls-ca-file'] } : {}) },
      ...(args.username === undefined ? {} : { username: args.username }),
      ...(args['password-env'] === undefined ? {} : { passwordEnv: args['password-env'] }),
      ...(args['password-file'] === undefined ? {} : { passwordFile: args['password-file'] }),
    };
    const print = args.json ? printJson : printRow;
    if (!args.json) process.stdout.write(`${header}\n`);
    const run = new Reading(reader.value, { stream, print, signal: stopping, manifest: args.manifest, regions });
    const failures = await run.all(args._.map(String));
    if (failures > 0) process.exitCode = 2;
  },
});

interface Line {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly ms: { readonly detect: number; readonly read: number; readonly total: number };
  readonly pass?: PassRead['pass'];
  readonly plates: readonly PlateFound[];
}

interface ReadingOptions {
  readonly stream: Readonly<Record<string, unknown>>;
  readonly print: (line: Line) => void;
  readonly signal: AbortSignal;
  readonly manifest: string | undefined;
  readonly regions: readonly string[];
}

/** Reads one thing after the other; the thread pool that videos need is opened when the first one comes. */
class Reading {
  readonly #stills: StillReader;
  readonly #options: ReadingOptions;
  #pipeline: Promise<Result<Pipeline, string>> | null = null;

  constructor(stills: StillReader, options: ReadingOptions) {
    this.#stills = stills;
    this.#options = options;
  }

  /** @returns how many could not be read; each has its line on stderr. */
  async all(names: readonly string[]): Promise<number> {
    let failures = 0;
    const complain = (name: string, problem: string) => {
      failures += 1;
      process.stderr.write(`platestream: ${redacted(name)}: ${problem}\n`);
    };
    for (const name of names) {
      const media = mediaOf(name);
      if (!media.ok) complain(name, media.error);
      for (const one of media.ok ? media.value : []) {
        if (this.#options.signal.aborted) break;
        const read = one.kind === 'still' ? await this.#still(one) : await this.#video(one);
        if (!read.ok) complain(one.path, read.error);
      }
    }
    const pipeline = await this.#pipeline;
    if (pipeline?.ok) await pipeline.value.close();
    return failures;
  }

  async #still({ path }: Media): Promise<Result<null, string>> {
    const read = await this.#stills.read(path);
    if (!read.ok) return read;
    this.#options.print({ file: path, ...read.value });
    return ok(null);
  }

  async #video({ path, kind }: Media): Promise<Result<null, string>> {
    const settings = cameraSettings.safeParse({
      id: 'read',
      url: path,
      paced: false,
      slots: 8,
      ...this.#options.stream,
    });
    if (!settings.success) return fail(settings.error.issues[0]?.message ?? 'not usable');
    const { openPipeline } = await import('../pipeline/pipeline.js');
    const { readVideo } = await import('../reading/video_reader.js');
    const { manifest, regions } = this.#options;
    this.#pipeline ??= openPipeline({ inference: this.#stills.inference, threads: 1, manifest, regions: [...regions] });
    const pipeline = await this.#pipeline;
    if (!pipeline.ok) return pipeline;
    const read = await readVideo({
      pipeline: pipeline.value,
      settings: settings.data,
      isLive: kind === 'stream',
      signal: this.#options.signal,
      onPass: ({ plate, ...rest }) => this.#options.print({ file: path, ...rest, plates: [plate] }),
    });
    if (!read.ok) return read;
    const { width, height, passes, ms } = read.value;
    if (passes === 0) this.#options.print({ file: path, width, height, ms, plates: [] });
    return ok(null);
  }
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
const asRow = ({ x, y, width, height }: Box) => [x, y, width, height].map((value) => rounded(value, 1));

function printJson({ file, width, height, ms, pass, plates }: Line): void {
  const line = {
    file,
    width,
    height,
    ms: { detect: rounded(ms.detect, 2), read: rounded(ms.read, 2), total: rounded(ms.total, 2) },
    ...(pass ? { pass } : {}),
    plates: plates.map(({ text, state, confidence, box, candidates }) => ({
      text,
      region: state === null ? null : regionOf(state),
      state,
      confidence: rounded(confidence, 4),
      box: asRow(box),
      candidates: candidates.map((one) => ({ text: one.text, confidence: rounded(one.confidence, 4) })),
    })),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const header = 'plate      state  sure    ms  at                        file';

function printRow({ file, ms, pass, plates }: Line): void {
  for (const { text, state, confidence, box } of plates) {
    const sure = `${(confidence * 100).toFixed(0)} %`;
    const at = pass ? `${pass.at.toFixed(1)} s` : asRow(box).map(Math.round).join(',');
    const total = ms.total.toFixed(0);
    process.stdout.write(
      `${text.padEnd(10)} ${(state ?? '??').padEnd(5)} ${sure.padStart(5)} ${total.padStart(5)}  ${at.padEnd(24)}  ${file}\n`,
    );
  }
  if (plates.length === 0)
    process.stdout.write(`${'-'.padEnd(23)} ${ms.total.toFixed(0).padStart(5)}  ${''.padEnd(24)}  ${file}\n`);
}
