import { drawText, drawTextInBox, fitText, textWidth } from './glyphs.js';
import { fillEllipse, fillRect } from './paint.js';
import { type Colour, hexColour, makePicture, mix, type Picture } from './picture.js';
import type { PlateDesign, PlateLegend } from './plate_design.js';
import { cloudNoise } from './random.js';

/** Texture resolution: a 305 mm plate becomes 732 pixels wide. */
const pixelsPerMm = 2.4;

type PixelBox = readonly [number, number, number, number];

/** Draws one plate, front on. `printed` is the sequence; `|` starts a second line. */
export function drawPlate(design: PlateDesign, printed: string, seed: number): Picture {
  const width = Math.round(design.sizeMm.width * pixelsPerMm);
  const height = Math.round(design.sizeMm.height * pixelsPerMm);
  const picture = makePicture(width, height, hexColour(design.background.colors[0] ?? '#ffffff'));
  drawBackground(picture, design);
  for (const legend of design.legends) drawLegend(picture, legend);
  drawSequence(picture, design, printed);
  drawBorder(picture, design);
  drawBolts(picture);
  weather(picture, seed);
  return picture;
}

function drawBackground(picture: Picture, design: PlateDesign): void {
  const { width, height } = picture;
  const colours = design.background.colors.map(hexColour);
  const last = colours.length - 1;
  for (let y = 0; y < height && last > 0; y += 1) {
    const position = (y / (height - 1)) * last;
    const from = Math.min(last - 1, Math.floor(position));
    fillRect(picture, [0, y, width, 1], mix(colours[from]!, colours[from + 1]!, position - from));
  }
  if (design.header) fillRect(picture, [0, 0, width, design.header.h * height], hexColour(design.header.color));
  if (design.band) {
    const x = design.band.side === 'right' ? width * (1 - design.band.w) : 0;
    fillRect(picture, [x, 0, design.band.w * width, height], hexColour(design.band.color));
  }
}

function drawLegend(picture: Picture, legend: PlateLegend): void {
  const height = legend.hFraction * picture.height;
  const width = Math.min(textWidth(legend.text) * height * 1.15, picture.width * 0.94);
  const box: PixelBox = [legend.x * picture.width - width / 2, legend.y * picture.height - height / 2, width, height];
  drawTextInBox(picture, legend.text, box, hexColour(legend.color));
}

/** Letters stand up from the plate: a light edge above left, a shadow below right, then the ink. */
function drawSequence(picture: Picture, design: PlateDesign, printed: string): void {
  const ink = hexColour(design.ink);
  const lines = printed.split('|');
  const { x, y, w, h } = design.sequence;
  const lineHeight = (h * picture.height) / lines.length;
  lines.forEach((line, index) => {
    const top = y * picture.height + index * lineHeight;
    const inset = lines.length > 1 ? lineHeight * 0.06 : 0;
    const box: PixelBox = [x * picture.width, top + inset, w * picture.width, lineHeight - inset * 2];
    const place = fitText(line, box);
    drawText(picture, line, { ...place, x: place.x - 1.5, y: place.y - 1.5 }, [255, 255, 255], 0.35);
    drawText(picture, line, { ...place, x: place.x + 2, y: place.y + 2 }, [0, 0, 0], 0.3);
    drawText(picture, line, place, ink);
  });
}

function drawBorder(picture: Picture, design: PlateDesign): void {
  const { width, height } = picture;
  const drawFrame = (inset: number, thickness: number, colour: Colour, opacity: number) => {
    fillRect(picture, [inset, inset, width - 2 * inset, thickness], colour, opacity);
    fillRect(picture, [inset, height - inset - thickness, width - 2 * inset, thickness], colour, opacity);
    fillRect(picture, [inset, inset, thickness, height - 2 * inset], colour, opacity);
    fillRect(picture, [width - inset - thickness, inset, thickness, height - 2 * inset], colour, opacity);
  };
  if (design.border) {
    drawFrame(3 * pixelsPerMm, design.border.widthMm * pixelsPerMm, hexColour(design.border.color), 1);
  }
  drawFrame(0, 1.5 * pixelsPerMm, [60, 60, 60], 0.35);
}

function drawBolts(picture: Picture): void {
  const radius = 3.2 * pixelsPerMm;
  const rows = picture.width > picture.height * 3 ? [] : [0.075];
  for (const y of rows) {
    for (const x of [0.2, 0.8]) {
      fillEllipse(picture, [x * picture.width, y * picture.height], [radius, radius], [120, 122, 125]);
      fillEllipse(picture, [x * picture.width, y * picture.height], [radius * 0.5, radius * 0.5], [70, 72, 75]);
    }
  }
}

/** A little road dirt, more towards the lower edge. */
function weather(picture: Picture, seed: number): void {
  const { width, height, rgb } = picture;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const dirt = 0.02 + 0.1 * cloudNoise(x / 60, y / 60, seed) * (0.4 + 0.6 * (y / height));
      for (let channel = 0; channel < 3; channel += 1) {
        const at = (y * width + x) * 3 + channel;
        rgb[at] = rgb[at]! * (1 - dirt) + 96 * dirt;
      }
    }
  }
}
