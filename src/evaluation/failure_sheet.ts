import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import type { Failure } from './measure.js';

const cell = { width: 240, height: 130, text: 34 };
const columns = 5;
const cellsMax = 100;

/** Draws what went wrong in one set, each with what is labelled and what was read. @returns the file written, null when nothing went wrong. */
export async function drawFailures(set: string, failures: readonly Failure[], folder: string): Promise<string | null> {
  const shown = failures.slice(0, cellsMax);
  if (shown.length === 0) return null;
  const rows = Math.ceil(shown.length / columns);
  const sheet = sharp({
    create: { width: columns * cell.width, height: rows * cell.height, channels: 3, background: '#202020' },
  });
  const layers = await Promise.all(shown.map(drawn));
  const file = join(folder, `failures-${set}.jpg`);
  await sheet.composite(layers.flat()).jpeg({ quality: 85 }).toFile(file);
  return file;
}

async function drawn(failure: Failure, i: number): Promise<OverlayOptions[]> {
  const [left, top] = [(i % columns) * cell.width, Math.floor(i / columns) * cell.height];
  return [
    { input: await surroundings(failure), left: left + 2, top: top + 2 },
    { input: caption(failure), left: left + 4, top: top + cell.height - cell.text },
  ];
}

async function surroundings({ file, box }: Failure): Promise<Buffer> {
  const { width = 1, height = 1 } = await sharp(file).metadata();
  const left = Math.max(0, Math.min(width - 8, Math.floor(box.x - 0.3 * box.width)));
  const top = Math.max(0, Math.min(height - 8, Math.floor(box.y - 0.5 * box.height)));
  const right = Math.min(width, Math.ceil(box.x + 1.3 * box.width));
  const bottom = Math.min(height, Math.ceil(box.y + 1.5 * box.height));
  return sharp(file)
    .extract({ left, top, width: Math.max(8, right - left), height: Math.max(8, bottom - top) })
    .resize(cell.width - 4, cell.height - cell.text - 4, { fit: 'inside' })
    .toBuffer();
}

/** Pango markup: the guarded image library reads no SVG. */
function caption({ truth, read, confidence, file }: Failure): OverlayOptions['input'] {
  const name = (file.split('/').at(-1) ?? '').slice(0, 30).replace(/[<&]/g, ' ');
  const words = `${truth ?? 'no label'} read ${read || '-'} ${(100 * confidence).toFixed(0)} %`;
  const text = `<span foreground="white">${words}</span>\n<span foreground="#aaaaaa">${name}</span>`;
  return { text: { text, font: 'monospace 9', dpi: 96, rgba: true } };
}
