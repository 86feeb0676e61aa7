/** The outline of a car or van in metres: z from the front bumper to the rear, y up from the road. */
export interface CarShape {
  readonly kind: 'sedan' | 'hatchback' | 'suv' | 'van';
  readonly length: number;
  readonly width: number;
  readonly height: number;
  /** Lower edge of the bumpers and sills. */
  readonly sillY: number;
  /** Front edge of the hood. */
  readonly noseY: number;
  /** Where hood and windscreen meet. */
  readonly cowlZ: number;
  readonly cowlY: number;
  readonly roofFrontZ: number;
  readonly roofRearZ: number;
  /** Where rear window and boot lid (or tailgate) meet. */
  readonly deckZ: number;
  readonly deckY: number;
  /** Upper edge of the rear face. */
  readonly tailY: number;
  readonly frontAxleZ: number;
  readonly rearAxleZ: number;
  readonly wheelRadius: number;
  /** Middle of the plates above the road. */
  readonly frontPlateY: number;
  readonly rearPlateY: number;
}

export const carShapes: Readonly<Record<CarShape['kind'], CarShape>> = {
  sedan: {
    kind: 'sedan',
    length: 4.75,
    width: 1.84,
    height: 1.45,
    sillY: 0.2,
    noseY: 0.74,
    cowlZ: 1.3,
    cowlY: 0.98,
    roofFrontZ: 2.05,
    roofRearZ: 3.35,
    deckZ: 4.1,
    deckY: 1.04,
    tailY: 1.0,
    frontAxleZ: 0.92,
    rearAxleZ: 3.72,
    wheelRadius: 0.33,
    frontPlateY: 0.46,
    rearPlateY: 0.76,
  },
  hatchback: {
    kind: 'hatchback',
    length: 4.1,
    width: 1.76,
    height: 1.5,
    sillY: 0.2,
    noseY: 0.78,
    cowlZ: 1.05,
    cowlY: 1.0,
    roofFrontZ: 1.8,
    roofRearZ: 3.45,
    deckZ: 3.95,
    deckY: 1.02,
    tailY: 1.0,
    frontAxleZ: 0.82,
    rearAxleZ: 3.36,
    wheelRadius: 0.31,
    frontPlateY: 0.48,
    rearPlateY: 0.78,
  },
  suv: {
    kind: 'suv',
    length: 4.7,
    width: 1.92,
    height: 1.74,
    sillY: 0.27,
    noseY: 0.98,
    cowlZ: 1.3,
    cowlY: 1.16,
    roofFrontZ: 1.95,
    roofRearZ: 4.1,
    deckZ: 4.5,
    deckY: 1.16,
    tailY: 1.14,
    frontAxleZ: 0.94,
    rearAxleZ: 3.72,
    wheelRadius: 0.37,
    frontPlateY: 0.56,
    rearPlateY: 0.9,
  },
  van: {
    kind: 'van',
    length: 5.3,
    width: 2.0,
    height: 2.3,
    sillY: 0.26,
    noseY: 1.04,
    cowlZ: 0.85,
    cowlY: 1.3,
    roofFrontZ: 1.6,
    roofRearZ: 5.12,
    deckZ: 5.22,
    deckY: 1.34,
    tailY: 1.32,
    frontAxleZ: 0.98,
    rearAxleZ: 4.25,
    wheelRadius: 0.35,
    frontPlateY: 0.52,
    rearPlateY: 0.8,
  },
};

/** How far the bumpers curve back at the sides. */
export const noseCurve = 0.2;
export const tailCurve = 0.14;

/** Half the width of the body at a place along it. */
export function halfWidth(shape: CarShape, z: number): number {
  const front = Math.max(0, 1 - z / 0.7);
  const rear = Math.max(0, 1 - (shape.length - z) / 0.6);
  return shape.width / 2 - 0.07 * front * front - 0.06 * rear * rear;
}

/** Where the nose meets the hood at the sides of the car. */
const noseEdgeZ = noseCurve + 0.07;

/** How far the hood has risen towards the windscreen, 0 to 1, at a share of its length. */
export function hoodRise(share: number): number {
  return Math.max(0, share) ** 0.7;
}

/** Upper edge of the lower body (hood, door tops, boot lid) at a place along it. */
export function shoulderY(shape: CarShape, z: number): number {
  const { cowlZ, deckZ } = shape;
  if (z < cowlZ) return shape.noseY + (shape.cowlY - shape.noseY) * hoodRise((z - noseEdgeZ) / (cowlZ - noseEdgeZ));
  if (z < deckZ) return shape.cowlY + ((shape.deckY - shape.cowlY) * (z - cowlZ)) / (deckZ - cowlZ);
  return shape.deckY + ((shape.tailY - shape.deckY) * (z - deckZ)) / Math.max(0.01, shape.length - deckZ);
}

export function roofHalfWidth(shape: CarShape): number {
  return shape.width / 2 - (shape.kind === 'van' ? 0.14 : 0.27);
}
