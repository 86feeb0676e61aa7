import { fillEllipse, fillPolygon, fillRect, type Point, strokeLine } from './paint.js';
import { type Colour, makePicture, mix, type Picture } from './picture.js';
import { type CarShape, halfWidth } from './vehicle_shape.js';

/** Pictures that are laid on a car's body: front, rear, sides, windows. Pixels per metre of each. */
const facePixelsPerM = 320;
const sidePixelsPerM = 140;

const black: Colour = [14, 15, 17];
const chrome: Colour = [196, 200, 205];

/** Draws on a face in metres: x from the middle, y above the road. */
interface FacePen {
  readonly picture: Picture;
  at(x: number, y: number): Point;
  polygon(points: readonly Point[], colour: Colour, opacity?: number): void;
  /** The same polygon on the left and the right. */
  mirrored(points: readonly Point[], colour: Colour, opacity?: number): void;
  line(points: readonly Point[], widthM: number, colour: Colour, opacity?: number): void;
}

function facePen(halfWidthM: number, topY: number, bottomY: number, fill: Colour): FacePen {
  const width = Math.round(halfWidthM * 2 * facePixelsPerM);
  const height = Math.round((topY - bottomY) * facePixelsPerM);
  const picture = makePicture(width, height, fill);
  const at = (x: number, y: number): Point => [(x + halfWidthM) * facePixelsPerM, (topY - y) * facePixelsPerM];
  const polygon = (points: readonly Point[], colour: Colour, opacity = 1) =>
    fillPolygon(
      picture,
      points.map(([x, y]) => at(x, y)),
      colour,
      opacity,
    );
  return {
    picture,
    at,
    polygon,
    mirrored(points, colour, opacity = 1) {
      polygon(points, colour, opacity);
      polygon(
        points.map(([x, y]): Point => [-x, y]),
        colour,
        opacity,
      );
    },
    line: (points, widthM, colour, opacity = 1) =>
      strokeLine(
        picture,
        points.map(([x, y]) => at(x, y)),
        widthM * facePixelsPerM,
        colour,
        opacity,
      ),
  };
}

function rectangle(left: number, bottom: number, right: number, top: number): Point[] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

/** Bumper, grille, headlights, badge. */
export function frontFace(shape: CarShape, paint: Colour): Picture {
  const half = halfWidth(shape, 0.1);
  const { noseY, sillY, frontPlateY } = shape;
  const tall = noseY - sillY;
  const pen = facePen(half, noseY, sillY, paint);
  pen.polygon(rectangle(-half, sillY, half, sillY + tall * 0.14), black);
  const grilleTop = noseY - tall * 0.1;
  const grilleBottom = noseY - tall * (shape.kind === 'van' ? 0.3 : 0.36);
  pen.polygon(trapeze(0.52, 0.46, grilleTop, grilleBottom), black);
  for (let bar = 1; bar < 5; bar += 1) {
    const y = grilleBottom + ((grilleTop - grilleBottom) * bar) / 5;
    pen.line(
      [
        [-0.5, y],
        [0.5, y],
      ],
      0.008,
      chrome,
      0.55,
    );
  }
  const badge = pen.at(0, (grilleTop + grilleBottom) / 2);
  fillEllipse(pen.picture, badge, [0.06 * facePixelsPerM, 0.055 * facePixelsPerM], chrome);
  fillEllipse(pen.picture, badge, [0.045 * facePixelsPerM, 0.04 * facePixelsPerM], [60, 66, 76]);
  pen.polygon(trapeze(0.6, 0.52, sillY + tall * 0.34, sillY + tall * 0.12), black);
  pen.polygon(rectangle(-0.22, frontPlateY - 0.11, 0.22, frontPlateY + 0.11), mix(paint, black, 0.75));
  pen.line(
    [
      [-half, frontPlateY + 0.13],
      [half, frontPlateY + 0.13],
    ],
    0.008,
    black,
    0.5,
  );
  drawHeadlights(pen, half, noseY, tall);
  return pen.picture;
}

function trapeze(topHalf: number, bottomHalf: number, top: number, bottom: number): Point[] {
  return [
    [-topHalf, top],
    [topHalf, top],
    [bottomHalf, bottom],
    [-bottomHalf, bottom],
  ];
}

function drawHeadlights(pen: FacePen, half: number, noseY: number, tall: number): void {
  const top = noseY - tall * 0.08;
  const outer = half - 0.01;
  pen.mirrored(
    [
      [0.56, top - 0.05],
      [outer, top + 0.01],
      [outer, top - 0.17],
      [0.6, top - 0.15],
    ],
    [52, 56, 62],
  );
  pen.mirrored(
    [
      [0.6, top - 0.06],
      [outer - 0.03, top - 0.015],
      [outer - 0.03, top - 0.14],
      [0.63, top - 0.13],
    ],
    [190, 197, 205],
  );
  const radius = 0.05 * facePixelsPerM;
  for (const side of [-1, 1]) {
    fillEllipse(pen.picture, pen.at(side * (half - 0.16), top - 0.085), [radius * 1.25, radius], [120, 126, 134]);
    fillEllipse(pen.picture, pen.at(side * (half - 0.16), top - 0.085), [radius * 0.8, radius * 0.7], [238, 242, 246]);
    fillEllipse(pen.picture, pen.at(side * 0.72, noseY - tall * 0.74), [radius * 0.8, radius * 0.6], [150, 156, 160]);
  }
}

/** Bumper, tail lights, plate recess; for tall cars also the tailgate. */
export function rearFace(shape: CarShape, paint: Colour): Picture {
  const half = halfWidth(shape, shape.length - 0.1);
  const { tailY, sillY, rearPlateY } = shape;
  const pen = facePen(half, tailY, sillY, paint);
  pen.polygon(rectangle(-half, sillY, half, sillY + 0.14), black);
  pen.polygon(trapeze(0.36, 0.33, rearPlateY + 0.13, rearPlateY - 0.12), mix(paint, black, 0.55));
  pen.line(
    [
      [-0.3, rearPlateY + 0.135],
      [0.3, rearPlateY + 0.135],
    ],
    0.02,
    chrome,
    0.9,
  );
  pen.line(
    [
      [-half, sillY + 0.34],
      [half, sillY + 0.34],
    ],
    0.008,
    black,
    0.55,
  );
  pen.line(
    [
      [-half + 0.2, tailY - 0.02],
      [half - 0.2, tailY - 0.02],
    ],
    0.008,
    black,
    0.4,
  );
  drawTailLights(pen, shape, half);
  pen.mirrored(rectangle(half - 0.34, sillY + 0.18, half - 0.14, sillY + 0.22), [120, 20, 22]);
  return pen.picture;
}

function drawTailLights(pen: FacePen, shape: CarShape, half: number): void {
  const top = shape.tailY - 0.04;
  const tall = shape.kind === 'sedan' ? 0.15 : 0.32;
  const inner = shape.kind === 'sedan' ? half - 0.42 : half - 0.2;
  pen.mirrored(
    [
      [inner, top - 0.01],
      [half, top],
      [half, top - tall],
      [inner + 0.03, top - tall],
    ],
    [112, 10, 16],
  );
  pen.mirrored(
    [
      [inner + 0.04, top - 0.03],
      [half - 0.03, top - 0.02],
      [half - 0.03, top - tall * 0.55],
      [inner + 0.06, top - tall * 0.55],
    ],
    [196, 26, 30],
  );
  pen.mirrored(rectangle(inner + 0.08, top - tall * 0.85, half - 0.05, top - tall * 0.65), [226, 214, 206]);
}

/** The lower body from the side: z to the right, doors, wheel arches, trim. */
export function sideFace(shape: CarShape, paint: Colour, topY: number): Picture {
  const { length, sillY } = shape;
  const scale = sidePixelsPerM;
  const picture = makePicture(Math.round(length * scale), Math.round((topY - sillY) * scale), paint);
  const at = (z: number, y: number): Point => [z * scale, (topY - y) * scale];
  fillRect(picture, [0, (topY - sillY - 0.1) * scale, picture.width, 0.1 * scale], black);
  fillRect(picture, [0, (topY - sillY - 0.34) * scale, picture.width, 0.03 * scale], mix(paint, black, 0.35), 0.5);
  for (const z of doorLines(shape)) strokeLine(picture, [at(z, topY), at(z, sillY + 0.12)], 1.6, black, 0.6);
  for (const z of doorLines(shape).slice(1)) {
    strokeLine(
      picture,
      [at(z - 0.24, shape.cowlY - 0.12), at(z - 0.08, shape.cowlY - 0.12)],
      3,
      mix(paint, chrome, 0.4),
    );
  }
  for (const z of [shape.frontAxleZ, shape.rearAxleZ]) {
    const radius = (shape.wheelRadius + 0.07) * scale;
    fillEllipse(picture, at(z, shape.wheelRadius), [radius, radius], [8, 8, 9]);
  }
  return picture;
}

function doorLines(shape: CarShape): number[] {
  const { cowlZ, deckZ } = shape;
  const first = cowlZ + 0.15;
  if (shape.kind === 'van') return [first, first + 1.05, first + 2.3];
  return [first, first + 1.1, Math.min(first + 2.05, deckZ - 0.1)];
}

/** Side windows with their pillars; u along the car from the windscreen, v down from the roof. */
export function sideWindows(shape: CarShape, paint: Colour): Picture {
  const picture = makePicture(420, 100, paint);
  const glass: Colour = [26, 32, 38];
  const panes =
    shape.kind === 'van'
      ? [[0.03, 0.24]]
      : [
          [0.04, 0.36],
          [0.4, 0.7],
          [0.74, 0.94],
        ];
  for (const [from, to] of panes as [number, number][]) {
    const points: Point[] = [
      [from * 420 + 8, 10],
      [to * 420 - 4, 10],
      [to * 420, 92],
      [from * 420, 92],
    ];
    fillPolygon(picture, points, glass);
    fillPolygon(picture, [points[0]!, [from * 420 + 40, 10], [from * 420 + 18, 92], points[3]!], [92, 104, 114], 0.35);
  }
  return picture;
}

/** Windscreen or rear window: dark glass with the reflected sky, seats behind it, body-coloured edge. */
export function wideWindow(paint: Colour, rear: boolean): Picture {
  const picture = makePicture(300, 130, mix(paint, black, 0.15));
  fillPolygon(
    picture,
    [
      [14, 8],
      [286, 8],
      [292, 124],
      [8, 124],
    ],
    black,
  );
  for (let y = 12; y < 121; y += 1) {
    const sky = 0.34 * (1 - (y - 12) / 109) + 0.06;
    fillRect(picture, [17, y, 266, 1], mix([24, 28, 33], [150, 168, 184], sky));
  }
  for (const x of [90, 210]) {
    fillEllipse(picture, [x, 84], [26, 34], [14, 16, 18], 0.65);
    fillEllipse(picture, [x, 50], [13, 14], [14, 16, 18], 0.65);
  }
  if (rear) for (let y = 24; y < 118; y += 9) fillRect(picture, [22, y, 256, 1], [60, 44, 40], 0.5);
  else fillRect(picture, [138, 10, 24, 12], black);
  return picture;
}

/** Tyre and rim, from the side. */
export function wheelFace(): Picture {
  const picture = makePicture(96, 96, [20, 20, 21]);
  fillEllipse(picture, [48, 48], [33, 33], [150, 153, 157]);
  for (let spoke = 0; spoke < 5; spoke += 1) {
    const angle = (spoke / 5) * Math.PI * 2 + 0.6;
    fillEllipse(picture, [48 + Math.cos(angle) * 21, 48 + Math.sin(angle) * 21], [9, 9], [34, 35, 37]);
  }
  fillEllipse(picture, [48, 48], [6, 6], [96, 98, 101]);
  return picture;
}
