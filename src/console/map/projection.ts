/** Latitude, longitude in degrees (WGS 84). */
export type Position = readonly [latitude: number, longitude: number];

export interface Projection {
  readonly width: number;
  readonly height: number;
  /** To plan units: x to the east, y to the south. */
  at(position: Position): { readonly x: number; readonly y: number };
  /** Plan units of so many metres. */
  metres(count: number): number;
}

const metresPerDegree = 111_320;
/** A plan shows at least so many metres each way. */
const metresMin = { wide: 900, high: 450 };

/**
 * A plain plan of a city: equirectangular around the middle latitude, true to scale within a few metres over a city; fitted to the
 * positions given, with a margin.
 *
 * @param positions at least one
 * @param width of the plan, in plan units
 */
export function planOf(positions: readonly Position[], width: number, margin = 0.2): Projection {
  const latitudes = positions.map(([latitude]) => latitude);
  const longitudes = positions.map(([, longitude]) => longitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const metresWide = Math.max(metresMin.wide, (east - west) * metresPerDegree * squeeze * (1 + 2 * margin));
  const metresHigh = Math.max(metresMin.high, metresWide / 2.2, (north - south) * metresPerDegree * (1 + 2 * margin));
  const scale = width / metresWide;
  const height = metresHigh * scale;
  const [middleLatitude, middleLongitude] = [(south + north) / 2, (west + east) / 2];
  return {
    width,
    height,
    at: ([latitude, longitude]) => ({
      x: width / 2 + (longitude - middleLongitude) * metresPerDegree * squeeze * scale,
      y: height / 2 - (latitude - middleLatitude) * metresPerDegree * scale,
    }),
    metres: (count) => count * scale,
  };
}
