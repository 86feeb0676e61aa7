import { transcode } from '../../src/sizing/transcode.js';

/** Writes the clip as a camera would show it whose mount has turned: each picture rotated about its middle. */
export function writeTiltedClip(source: string, target: string, size: { width: number; height: number; fps: number }) {
  const { width, height } = size;
  const [cos, sin] = [Math.cos((15 * Math.PI) / 180), Math.sin((15 * Math.PI) / 180)];
  const from = new Int32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - width / 2, y - height / 2];
      const sourceX = Math.round(width / 2 + cos * dx + sin * dy);
      const sourceY = Math.round(height / 2 - sin * dx + cos * dy);
      const inside = sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height;
      from[y * width + x] = inside ? sourceY * width + sourceX : 0;
    }
  }
  transcode(source, target, { ...size, crf: 26, codec: 'h264' }, (rgba) => {
    const pixels = new Uint32Array(rgba.buffer);
    const before = pixels.slice();
    for (let at = 0; at < pixels.length; at++) pixels[at] = before[from[at] as number] as number;
  });
}
