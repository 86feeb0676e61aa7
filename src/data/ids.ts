/** Names of things, branded so that a camera's name is never passed where a read's is wanted. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A camera's configured name: `[a-z0-9][a-z0-9-]{0,62}`; bounded, so it may be a metric label. */
export type CameraId = Branded<'CameraId'>;
/** One vehicle pass at one camera: `<engine boot>-<camera>-<number>`. The early and the final report of a pass share it. */
export type ReadId = Branded<'ReadId'>;
export type AlertId = Branded<'AlertId'>;
export type EngineId = Branded<'EngineId'>;

const cameraIdPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** @returns the id, or `null` when the text is not a valid camera name. */
export function cameraId(text: string): CameraId | null {
  return cameraIdPattern.test(text) ? (text as CameraId) : null;
}

export function readId(text: string): ReadId {
  return text as ReadId;
}

export function alertId(text: string): AlertId {
  return text as AlertId;
}

export function engineId(text: string): EngineId {
  return text as EngineId;
}
