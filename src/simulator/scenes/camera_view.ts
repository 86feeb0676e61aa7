/**
 * Where the camera stands and looks. World: metres, x right, y up, z along the road away from the camera, ground at
 * y = 0. View: x right, y down, z forward.
 */
export interface CameraView {
  readonly width: number;
  readonly height: number;
  readonly focalPx: number;
  readonly position: Vector;
  /** Rows of the rotation from world to view. */
  readonly right: Vector;
  readonly down: Vector;
  readonly forward: Vector;
}

export type Vector = readonly [number, number, number];

export interface CameraPose {
  readonly heightM: number;
  /** Sideways from the middle of the road, right is positive. */
  readonly offsetM: number;
  readonly pitchDownDeg: number;
  /** Positive looks to the right. */
  readonly yawDeg: number;
  readonly horizontalViewDeg: number;
  /** Turned about its own axis, as when its mount has slipped; positive turns the picture anticlockwise. */
  readonly rollDeg?: number;
}

export function cameraView(pose: CameraPose, width: number, height: number): CameraView {
  const pitch = (pose.pitchDownDeg * Math.PI) / 180;
  const yaw = (pose.yawDeg * Math.PI) / 180;
  const forward: Vector = [Math.sin(yaw) * Math.cos(pitch), -Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch)];
  const level: Vector = [Math.cos(yaw), 0, -Math.sin(yaw)];
  const below: Vector = [-Math.sin(yaw) * Math.sin(pitch), -Math.cos(pitch), -Math.cos(yaw) * Math.sin(pitch)];
  const roll = ((pose.rollDeg ?? 0) * Math.PI) / 180;
  const right = turned(level, below, roll);
  const down = turned(below, level, -roll);
  const focalPx = width / 2 / Math.tan((pose.horizontalViewDeg * Math.PI) / 360);
  return { width, height, focalPx, position: [pose.offsetM, pose.heightM, 0], right, down, forward };
}

/** From one axis by an angle towards another. */
function turned(from: Vector, towards: Vector, angle: number): Vector {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos * from[0] + sin * towards[0], cos * from[1] + sin * towards[1], cos * from[2] + sin * towards[2]];
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function subtract(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function normalise(a: Vector): Vector {
  const length = Math.hypot(a[0], a[1], a[2]) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}

/** World to view; `z` is the distance along the optical axis. */
export function toView(view: CameraView, world: Vector): Vector {
  const offset = subtract(world, view.position);
  return [dot(view.right, offset), dot(view.down, offset), dot(view.forward, offset)];
}

/** World to pixels (x right, y down); null behind the camera. */
export function toPixel(view: CameraView, world: Vector): readonly [number, number] | null {
  const [x, y, z] = toView(view, world);
  if (z < 0.1) return null;
  return [view.width / 2 + (view.focalPx * x) / z, view.height / 2 + (view.focalPx * y) / z];
}

/** The direction in the world that a pixel looks along. */
export function rayThrough(view: CameraView, pixelX: number, pixelY: number): Vector {
  const x = (pixelX - view.width / 2) / view.focalPx;
  const y = (pixelY - view.height / 2) / view.focalPx;
  return normalise([
    view.right[0] * x + view.down[0] * y + view.forward[0],
    view.right[1] * x + view.down[1] * y + view.forward[1],
    view.right[2] * x + view.down[2] * y + view.forward[2],
  ]);
}
