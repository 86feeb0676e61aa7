import { type Atmosphere, atmospheres, vehicleShader } from './atmosphere.js';
import { type CameraView, cameraView, toPixel, toView, type Vector } from './camera_view.js';
import { addLights, addRain, castShadow, develop, noiseTable } from './effects.js';
import {
  clearLayer,
  drawPatch,
  type Layer,
  makeLayer,
  type Placement,
  placePoint,
  resolveLayer,
  samplesPerSide,
} from './layer.js';
import { makeMotorcycle } from './motorcycle.js';
import { makePicture, type Picture } from './picture.js';
import { findDesign, type PlateDesign, plateDesigns, readableText } from './plate_design.js';
import { drawPlate } from './plate_picture.js';
import { type Random, seededRandom } from './random.js';
import { type Drive, type SceneSpec, tooSmallToReadPx } from './scene_spec.js';
import { drawStreet } from './street.js';
import { type PassTruth, type PlateBox, passTruth, type SceneTruth } from './truth.js';
import { type MountedPlate, makeCar, type Vehicle } from './vehicle.js';

/** Receives each finished frame; `rgba` is reused for the next one. */
export type FrameSink = (rgba: Uint8ClampedArray, frame: number) => void;

interface Actor {
  readonly drive: Drive;
  readonly vehicle: Vehicle;
  readonly state: string;
  readonly boxes: PlateBox[];
}

interface Stage {
  readonly spec: SceneSpec;
  readonly view: CameraView;
  readonly atmosphere: Atmosphere;
  readonly street: Picture;
  readonly layer: Layer;
  readonly actors: readonly Actor[];
}

/** Renders every frame of a scene in order and returns what they show. */
export function renderScene(spec: SceneSpec, sink: FrameSink): SceneTruth {
  const stage = setStage(spec);
  const random = seededRandom(spec.seed);
  const noise = noiseTable(spec.seed + 1);
  const frame = makePicture(spec.width, spec.height);
  const rgba = new Uint8ClampedArray(spec.width * spec.height * 4);
  for (let index = 0; index < spec.frames; index += 1) {
    drawFrame(stage, frame, index, random);
    develop(frame, stage.atmosphere, noise, random, rgba);
    sink(rgba, index);
  }
  return sceneTruth(stage);
}

function setStage(spec: SceneSpec): Stage {
  const view = cameraView(spec.camera, spec.width, spec.height);
  const atmosphere = atmospheres[spec.weather];
  const designs = spec.drives.length > 0 ? plateDesigns() : [];
  return {
    spec,
    view,
    atmosphere,
    street: drawStreet(spec.street, view, atmosphere),
    layer: makeLayer(spec.width, spec.height),
    actors: spec.drives.map((drive, index) => castActor(drive, designs, spec.seed * 100 + index)),
  };
}

function castActor(drive: Drive, designs: readonly PlateDesign[], seed: number): Actor {
  const design = findDesign(designs, drive.design);
  const art = {
    width: design.sizeMm.width / 1000,
    height: design.sizeMm.height / 1000,
    picture: drawPlate(design, drive.plate, seed),
  };
  const sides = drive.direction === 'towards' ? (['front'] as const) : (['rear'] as const);
  const vehicle =
    drive.vehicle === 'motorcycle' ? makeMotorcycle(drive.paint, art) : makeCar(drive.vehicle, drive.paint, art, sides);
  return { drive, vehicle, state: design.state, boxes: [] };
}

function drawFrame(stage: Stage, frame: Picture, index: number, random: Random): void {
  const { view, atmosphere, layer } = stage;
  frame.rgb.set(stage.street.rgb);
  clearLayer(layer);
  const shader = vehicleShader(atmosphere, view.position);
  const present = stage.actors.flatMap((actor) => {
    const place = placeAt(actor.drive, actor.vehicle, index / stage.spec.fps);
    return place && inSight(view, actor.vehicle, place) ? [{ actor, place }] : [];
  });
  for (const { actor, place } of present) castShadow(frame, view, actor.vehicle, place, atmosphere);
  for (const { actor, place } of present) {
    for (const patch of actor.vehicle.patches) drawPatch(layer, view, place, patch, shader);
  }
  resolveLayer(layer, frame);
  for (const { actor, place } of present) addLights(frame, view, actor.vehicle, place, atmosphere);
  if (atmosphere.weather === 'rain') addRain(frame, random);
  for (const { actor, place } of present) notePlates(stage, actor, place, index);
}

/** Where the vehicle's front is at a time, or null before it starts. */
function placeAt(drive: Drive, vehicle: Pick<Vehicle, 'length'>, atS: number): Placement | null {
  const drivenM = (atS - drive.startS) * drive.speedMps;
  if (drivenM < 0) return null;
  const turn = ((drive.turnDeg ?? 0) * Math.PI) / 180;
  if (drive.direction === 'towards') return { x: drive.lane, z: drive.startM - drivenM, heading: turn };
  return { x: drive.lane, z: drive.startM + drivenM + vehicle.length, heading: Math.PI + turn };
}

const farthestM = 130;

function inSight(view: CameraView, vehicle: Vehicle, place: Placement): boolean {
  const ends = [0, vehicle.length].map((z) => toView(view, placePoint(place, [0, 0.7, z])));
  return ends.some(([, , z]) => z > 0.3) && ends.every(([, , z]) => z < farthestM);
}

function notePlates(stage: Stage, actor: Actor, place: Placement, index: number): void {
  for (const mounted of actor.vehicle.plates) {
    const box = plateBox(stage, mounted, place);
    if (box) actor.boxes.push([index, ...box]);
  }
}

/** The plate's box in pixels while it is whole in the frame, faces the camera, is large enough and nothing hides it. */
function plateBox(stage: Stage, mounted: MountedPlate, place: Placement): [number, number, number, number] | null {
  const { view } = stage;
  const corners = mounted.corners.map((corner) => toPixel(view, placePoint(place, corner)));
  const seen = corners.filter((corner) => corner !== null);
  if (seen.length < 4) return null;
  const xs = seen.map((corner) => corner[0]);
  const ys = seen.map((corner) => corner[1]);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  if (left < 0 || top < 0 || right > view.width || bottom > view.height) return null;
  if (right - left < tooSmallToReadPx || seen[1]![0] <= seen[0]![0]) return null;
  if (!isVisible(stage, mounted, place)) return null;
  return [left, top, right - left, bottom - top].map((value) => Math.round(value * 10) / 10) as [
    number,
    number,
    number,
    number,
  ];
}

/** Compares the plate's distance with what was drawn nearest at points spread over it. */
function isVisible(stage: Stage, mounted: MountedPlate, place: Placement): boolean {
  const [a, b, , d] = mounted.corners;
  let hidden = 0;
  for (const u of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    for (const v of [0.15, 0.5, 0.85]) {
      const local: Vector = [a[0] + (b[0] - a[0]) * u, a[1] + (d[1] - a[1]) * v, a[2]];
      if (!isNearest(stage, placePoint(place, local))) hidden += 1;
    }
  }
  return hidden <= 1;
}

function isNearest({ view, layer }: Stage, world: Vector): boolean {
  const pixel = toPixel(view, world);
  if (!pixel) return false;
  const column = Math.min(layer.width - 1, Math.floor(pixel[0] * samplesPerSide));
  const row = Math.min(layer.height - 1, Math.floor(pixel[1] * samplesPerSide));
  const nearestM = 1 / layer.depth[row * layer.width + column]!;
  return nearestM > toView(view, world)[2] - 0.05;
}

function sceneTruth({ spec, actors }: Stage): SceneTruth {
  const passes = actors
    .map(({ drive, state, boxes }) => passTruth(readableText(drive.plate), state, drive.direction, boxes))
    .filter((pass): pass is PassTruth => pass !== null);
  return {
    clip: `${spec.name}.mp4`,
    width: spec.width,
    height: spec.height,
    fps: spec.fps,
    frames: spec.frames,
    passes,
  };
}
