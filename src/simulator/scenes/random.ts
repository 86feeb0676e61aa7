/** A seeded source of numbers in [0, 1): the same seed gives the same scene on every machine (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A number in [0, 1) that depends only on the lattice point, for textures. */
export function latticeNoise(x: number, y: number, seed: number): number {
  let mixed = Math.imul(x | 0, 374761393) ^ Math.imul(y | 0, 668265263) ^ Math.imul(seed | 0, 974634541);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 1274126177);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
}

/** Smooth noise in [0, 1): lattice values, interpolated. */
export function smoothNoise(x: number, y: number, seed: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const fx = x - column;
  const fy = y - row;
  const u = fx * fx * (3 - 2 * fx);
  const v = fy * fy * (3 - 2 * fy);
  const top = latticeNoise(column, row, seed) * (1 - u) + latticeNoise(column + 1, row, seed) * u;
  const bottom = latticeNoise(column, row + 1, seed) * (1 - u) + latticeNoise(column + 1, row + 1, seed) * u;
  return top * (1 - v) + bottom * v;
}

/** Three octaves of smooth noise, about 0.5 on average. */
export function cloudNoise(x: number, y: number, seed: number): number {
  return (
    smoothNoise(x, y, seed) * 0.55 +
    smoothNoise(x * 2.1, y * 2.1, seed + 1) * 0.3 +
    smoothNoise(x * 4.3, y * 4.3, seed + 2) * 0.15
  );
}

/** A bell-shaped number about 0 with standard deviation about 1 (sum of four uniforms). */
export function roughGaussian(random: Random): number {
  return (random() + random() + random() + random() - 2) * 1.732;
}
