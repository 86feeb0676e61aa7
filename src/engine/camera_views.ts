import type { CameraViews } from '../api/camera_view.js';
import type { CameraHealth } from '../cameras/health.js';
import type { CameraSettings } from '../ingest/settings.js';
import type { Engines } from './engines.js';

/** What a technician may look at: the cameras that this machine's own engine decodes. */
export function cameraViewsOf(cameras: readonly CameraSettings[], health: CameraHealth, engines: Engines): CameraViews {
  const settings = new Map(cameras.map((camera) => [camera.id, camera]));
  return {
    alignment(cameraId) {
      const known = settings.get(cameraId);
      return known ? { zones: known.zones, masks: known.masks, plates: health.seen(cameraId) } : null;
    },
    picture: (cameraId) => engines.picture(cameraId),
  };
}
