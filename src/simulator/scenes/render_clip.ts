import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openClip } from './encode_clip.js';
import { renderScene } from './render_scene.js';
import type { SceneSpec } from './scene_spec.js';
import type { SceneTruth } from './truth.js';

/**
 * Renders a scene into `folder/NAME.mp4` and `folder/NAME.truth.json`. The clip is written under another name and moved
 * when it is whole, so a broken-off run leaves no half clip.
 */
export function renderClip(spec: SceneSpec, folder: string, onFrame: (frame: number) => void = () => {}): SceneTruth {
  const path = join(folder, `${spec.name}.mp4`);
  const unfinished = `${path}.part`;
  try {
    const writer = openClip(unfinished, spec);
    const truth = renderScene(spec, (rgba, frame) => {
      writer.write(rgba);
      onFrame(frame);
    });
    writer.close();
    renameSync(unfinished, path);
    writeFileSync(join(folder, `${spec.name}.truth.json`), truthText(truth));
    return truth;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** JSON with one box a line: short, and a change shows in a diff. */
function truthText(truth: SceneTruth): string {
  return `${JSON.stringify(truth, null, 1).replace(/\[\s+([\d.,\s-]+?)\s+\]/g, (_, numbers: string) => `[${numbers.replace(/\s+/g, '')}]`)}\n`;
}
