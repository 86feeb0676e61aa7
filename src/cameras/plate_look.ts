import sharp from 'sharp';

/** Working size: enough rows to tell a degree, few enough to try every angle in a millisecond. */
const [width, height] = [128, 64];
const degreesMax = 30;
const stepDegrees = 1;

/** What the picture of a plate tells of the camera that took it. */
export interface PlateLook {
  /** How far the rows of characters lean, degrees, clockwise positive, within -30..30; `null` when there is no row. */
  readonly tiltDegrees: number | null;
  /** How sharp its edges are; only to be compared with other plates of the same camera. */
  readonly sharpness: number;
}

/** @returns `null` when the picture is too small to tell anything. */
export async function plateLook(plateJpeg: Uint8Array): Promise<PlateLook | null> {
  const image = sharp(plateJpeg);
  const { width: wide = 0, height: high = 0 } = await image.metadata();
  if (wide < 16 || high < 8) return null;
  const grey = await image.greyscale().resize(width, height, { fit: 'fill' }).normalise().raw().toBuffer();
  return { tiltDegrees: tiltOf(grey, high / wide), sharpness: sharpnessOf(grey) };
}

/**
 * The angle at which the sums along the rows differ most from one row to the next (projection profile; Postl 1986, "Detection of linear
 * oblique structures and skew scan in digitized documents").
 */
function tiltOf(grey: Uint8Array, shape: number): number | null {
  // The picture was stretched: a slope there is a gentler or steeper one here.
  const stretch = shape / (height / width);
  const scores = angles.map((degrees) => profileContrast(grey, Math.tan((degrees * Math.PI) / 180) / stretch));
  const best = scores.indexOf(Math.max(...scores));
  return scores[best] === 0 ? null : (angles[best] as number);
}

const angles = Array.from({ length: (2 * degreesMax) / stepDegrees + 1 }, (_, at) => at * stepDegrees - degreesMax);

/** Mean squared step between neighbouring row means, along rows of this slope; rows that leave the picture are not counted. */
function profileContrast(grey: Uint8Array, slope: number): number {
  const margin = Math.ceil(Math.abs(slope) * (width / 4));
  let [before, sum, rows] = [Number.NaN, 0, 0];
  for (let row = margin; row < height - margin; row++) {
    let mean = 0;
    for (let column = width / 4; column < (width * 3) / 4; column++) {
      const y = Math.round(row + slope * (column - width / 2));
      mean += grey[y * width + column] as number;
    }
    mean /= width / 2;
    if (!Number.isNaN(before)) {
      sum += (mean - before) ** 2;
      rows += 1;
    }
    before = mean;
  }
  return rows < 8 ? 0 : sum / rows;
}

/** Variance of the Laplacian (Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy"); contrast is evened out before. */
function sharpnessOf(grey: Uint8Array): number {
  const at = (x: number, y: number) => grey[y * width + x] as number;
  let [sum, squares, count] = [0, 0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const value = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y);
      sum += value;
      squares += value * value;
      count += 1;
    }
  }
  return squares / count - (sum / count) ** 2;
}
