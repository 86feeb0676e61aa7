import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand } from 'citty';
import { packagePath } from '../package_root.js';
import type { SceneSpec } from '../simulator/scenes/scene_spec.js';
import { findScene, sceneSpecs } from '../simulator/scenes/scene_specs.js';

/** `platestream scenes [NAME...]`: renders the street clips again, with their truth. */
export const scenesCommand = defineCommand({
  meta: { name: 'scenes', description: 'Render the street clips (with known truth) that demo, tests and bench play' },
  args: {
    out: { type: 'string', description: 'Folder for the clips', default: packagePath('assets', 'clips') },
    list: { type: 'boolean', description: 'Name the scenes and stop' },
  },
  async run({ args }) {
    if (args.list) return listScenes();
    const chosen = chooseScenes(args._);
    if (!chosen) return;
    const folder = resolve(args.out);
    mkdirSync(folder, { recursive: true });
    for (const spec of chosen) await renderWithProgress(spec, folder);
  },
});

function listScenes(): void {
  for (const spec of sceneSpecs) process.stdout.write(`${spec.name.padEnd(12)} ${spec.about}\n`);
}

/** The named scenes, all of them without a name; null (and exit code 2) for a name that does not exist. */
function chooseScenes(names: readonly string[]): readonly SceneSpec[] | null {
  if (names.length === 0) return sceneSpecs;
  const found = names.map((name) => findScene(name));
  const unknown = names.find((_, index) => !found[index]);
  if (unknown === undefined) return found.filter((spec) => spec !== null);
  process.stderr.write(`scenes: no scene "${unknown}"; there are: ${sceneSpecs.map((spec) => spec.name).join(', ')}\n`);
  process.exitCode = 2;
  return null;
}

async function renderWithProgress(spec: SceneSpec, folder: string): Promise<void> {
  const { renderClip } = await import('../simulator/scenes/render_clip.js');
  const truth = renderClip(spec, folder, (frame) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${spec.name}: frame ${frame + 1} of ${spec.frames}`);
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  process.stdout.write(`${spec.name}: ${truth.frames} frames, ${truth.passes.length} plates\n`);
}
