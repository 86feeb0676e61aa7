import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { clipPath, clipTruth } from '../simulator/scenes/clips.js';
import { renderClip } from '../simulator/scenes/render_clip.js';
import { findScene } from '../simulator/scenes/scene_specs.js';
import type { SceneTruth } from '../simulator/scenes/truth.js';
import { type CameraKind, sizes } from './kind.js';
import { transcode } from './transcode.js';

/** The clip that simulated cameras of one kind play, and the plates that can be read in it. */
export interface SizingClip {
  readonly file: string;
  readonly plates: readonly string[];
}

const sceneOf = { 0: 'empty-road', 20: 'plate-20', 100: 'plate-100' } as const;

/**
 * The committed clip where it is of this kind; otherwise one made from it (another codec, size or speed) or rendered anew (night), kept in
 * the temporary folder for the next run. A clip played at more frames a second is a faster road: vehicles move the same way
 * from frame to frame, which is why faster roads need more frames.
 */
export async function clipOf(kind: CameraKind, progress: (text: string) => void): Promise<SizingClip> {
  const name = sceneOf[kind.plates];
  const day = { file: clipPath(name), truth: clipTruth(name) };
  const source = kind.night ? nightClip(kind, progress) : day;
  const plates = source.truth.passes.map((pass) => pass.plate);
  const { width, height } = sizes[kind.size];
  const { truth } = source;
  const same = truth.width === width && truth.height === height && truth.fps === kind.fps && kind.codec === 'h264';
  if (same) return { file: source.file, plates };
  const file = keptFile(`${kind.night ? 'night' : 'day'}-${name}`, source.file, kind);
  if (!existsSync(file)) {
    progress(`making the clip: ${kind.size} ${kind.codec} ${kind.fps} frames/s (kept for the next run)`);
    transcode(source.file, `${file}.part`, { width, height, fps: kind.fps, crf: 28, codec: kind.codec });
    renameSync(`${file}.part`, file);
  }
  return { file, plates };
}

function nightClip(kind: CameraKind, progress: (text: string) => void): { file: string; truth: SceneTruth } {
  const spec = findScene(sceneOf[kind.plates]);
  if (!spec) throw new Error('broken invariant: sizing scenes exist');
  const night = { ...spec, name: `night-${spec.name}-${kind.seed}`, weather: 'night' as const, seed: kind.seed };
  const folder = keptFolder();
  const file = join(folder, `${night.name}.mp4`);
  if (!existsSync(file)) {
    progress('rendering the scene at night (about a minute, kept for the next run)');
    return { file, truth: renderClip(night, folder) };
  }
  return { file, truth: JSON.parse(readFileSync(join(folder, `${night.name}.truth.json`), 'utf8')) as SceneTruth };
}

function keptFolder(): string {
  const folder = join(tmpdir(), `platestream-clips-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function keptFile(name: string, source: string, { codec, size, fps }: CameraKind): string {
  const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  return join(keptFolder(), `${name}-${size}-${codec}-${fps}-${digest}.mp4`);
}
