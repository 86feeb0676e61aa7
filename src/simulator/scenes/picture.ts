/** An opaque picture: `rgb` holds 3 floats a pixel, 0 to 255, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Float32Array;
}

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

export function makePicture(width: number, height: number, fill: Colour = [0, 0, 0]): Picture {
  const rgb = new Float32Array(width * height * 3);
  for (let at = 0; at < rgb.length; at += 3) rgb.set(fill, at);
  return { width, height, rgb };
}

export function mix(from: Colour, to: Colour, share: number): Colour {
  const keep = 1 - share;
  return [from[0] * keep + to[0] * share, from[1] * keep + to[1] * share, from[2] * keep + to[2] * share];
}

/** Parses `#rgb` or `#rrggbb`. */
export function hexColour(hex: string): Colour {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1);
  const value = Number.parseInt(digits, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Blends one pixel; `coverage` 0 keeps it, 1 replaces it. Outside the picture nothing happens. */
export function blendPixel(picture: Picture, x: number, y: number, colour: Colour, coverage: number): void {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height || coverage <= 0) return;
  const at = (y * picture.width + x) * 3;
  const share = Math.min(1, coverage);
  const { rgb } = picture;
  for (let channel = 0; channel < 3; channel += 1) {
    rgb[at + channel] = rgb[at + channel]! * (1 - share) + colour[channel]! * share;
  }
}

/** The picture at half the size, each pixel the mean of four. */
function halve(picture: Picture): Picture {
  const width = Math.max(1, picture.width >> 1);
  const height = Math.max(1, picture.height >> 1);
  const half = makePicture(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        half.rgb[(y * width + x) * 3 + channel] = meanOfFour(picture, x * 2, y * 2, channel);
      }
    }
  }
  return half;
}

function meanOfFour(picture: Picture, x: number, y: number, channel: number): number {
  const right = Math.min(x + 1, picture.width - 1);
  const below = Math.min(y + 1, picture.height - 1);
  const value = (column: number, row: number) => picture.rgb[(row * picture.width + column) * 3 + channel]!;
  return (value(x, y) + value(right, y) + value(x, below) + value(right, below)) / 4;
}

/** The picture and its halvings, finest first, so that a far surface is sampled without flicker. */
export function pyramid(picture: Picture): readonly Picture[] {
  const levels = [picture];
  let last = picture;
  while (last.width > 4 && last.height > 4) {
    last = halve(last);
    levels.push(last);
  }
  return levels;
}
