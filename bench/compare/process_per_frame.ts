import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { packagePath } from '../../src/package_root.js';
import { childCpuSeconds } from './child_cpu.js';
import type { Rate } from './rate.js';

/** The naive design: a process for every frame. Loading the models is most of it. */
export async function compareProcessPerFrame(frames: number): Promise<Rate[]> {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-compare-'));
  try {
    const picture = join(folder, 'frame.png');
    const grey = { width: 1920, height: 1080, channels: 3 as const, background: '#777' };
    await sharp({ create: grey }).png().toFile(picture);
    const before = childCpuSeconds();
    for (let i = 0; i < frames; i++) {
      const args = [packagePath('bin', 'platestream.js'), 'read', picture, '--json', '--engine', 'onnx'];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
      if (status !== 0 && status !== 1) throw new Error(`read: ${stderr}`);
    }
    const perSecond = frames / (childCpuSeconds() - before);
    return [
      { what: 'one process for each frame, no plate in it', unit: 'frames', perSecond, note: `${frames} frames` },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
