import type { Vector } from './camera_view.js';
import { type Material, makePatch } from './mesh.js';
import { type Colour, pyramid } from './picture.js';
import { ellipsoid, mountPlate, type PlateArt, type Vehicle, wheel } from './vehicle.js';
import { wheelFace } from './vehicle_faces.js';

/** A motorcycle with its rider, seen from behind most of the time; the plate hangs under the tail light. */
export function makeMotorcycle(paint: Colour, plate: PlateArt): Vehicle {
  const length = 2.1;
  const painted: Material = { kind: 'paint', colour: paint, gloss: 0.6 };
  const leather: Material = { kind: 'paint', colour: [34, 34, 37], gloss: 0.1 };
  const metal: Material = { kind: 'paint', colour: [120, 122, 126], gloss: 0.7 };
  const helmet: Material = { kind: 'paint', colour: [178, 182, 188], gloss: 0.8 };
  const tyre: Material = { kind: 'picture', levels: pyramid(wheelFace()), gloss: 0.2 };
  const mounted = mountPlate(plate, 0.62, length + 0.02, 'rear');
  const limbs = [-1, 1].flatMap((side) => [
    ellipsoid(leather, [side * 0.27, 0.72, 1.15], [0.09, 0.28, 0.2]),
    ellipsoid(leather, [side * 0.26, 0.42, 1.35], [0.08, 0.2, 0.12]),
    ellipsoid(leather, [side * 0.33, 1.12, 0.92], [0.09, 0.22, 0.24]),
    ellipsoid(metal, [side * 0.42, 1.12, 0.6], [0.09, 0.05, 0.04]),
    ellipsoid(metal, [side * 0.2, 0.38, 1.75], [0.06, 0.06, 0.32]),
  ]);
  const tail = makePatch(7, 5, painted, (u, v): Vector => {
    const x = (u * 2 - 1) * (0.16 - 0.05 * v);
    return [x, 0.98 - 0.24 * v - 0.04 * (u * 2 - 1) ** 2, length - 0.08 + 0.04 * v];
  });
  return {
    length,
    width: 0.8,
    patches: [
      ...wheel(tyre, [0.07, 0.32, 0.32], 0.32, 0.13),
      ...wheel(tyre, [0.09, 0.32, length - 0.4], 0.32, 0.17),
      ellipsoid(painted, [0, 0.82, 0.75], [0.2, 0.22, 0.4]),
      ellipsoid(painted, [0, 0.86, 1.6], [0.17, 0.14, 0.45]),
      tail,
      ellipsoid({ kind: 'paint', colour: [176, 22, 26], gloss: 0.3 }, [0, 0.86, length - 0.02], [0.1, 0.045, 0.04]),
      ellipsoid(leather, [0, 1.18, 1.12], [0.25, 0.36, 0.2]),
      ellipsoid(helmet, [0, 1.62, 1.02], [0.14, 0.16, 0.16]),
      ...limbs,
      mounted.patch,
    ],
    plates: [mounted],
    headlights: [[0, 0.9, 0.1]],
    taillights: [[0, 0.86, length]],
  };
}
