/** What one camera of a sizing run is like: everything that decides what it costs. */
export interface CameraKind {
  readonly codec: 'h264' | 'h265';
  readonly size: keyof typeof sizes;
  /** Frames a second, all of them analysed. */
  readonly fps: number;
  /** Percent of frames that show a plate. */
  readonly plates: 0 | 20 | 100;
  readonly night: boolean;
  /** Where in the clip each camera begins, and the noise of rendered scenes. */
  readonly seed: number;
}

export const sizes = {
  '720p': { width: 1280, height: 720 },
  '1080p': { width: 1920, height: 1080 },
  '4k': { width: 3840, height: 2160 },
} as const;

/** Frames a second that a road needs for a plate to be seen often enough, by its speed limit. */
export const roads = [
  { limit: 'below 25 mph', fps: 10 },
  { limit: '25 to 45 mph', fps: 15 },
  { limit: 'above 45 mph', fps: 30 },
] as const;

/** The fastest road that `fps` is enough for; `null` when it is enough for none. */
export function roadFor(fps: number): (typeof roads)[number] | null {
  return roads.findLast((road) => road.fps <= fps) ?? null;
}

/** `1080p H.264 at 10 frames/s, 20 % of frames with a plate, day`. */
export function inWords({ codec, size, fps, plates, night }: CameraKind): string {
  const name = codec === 'h264' ? 'H.264' : 'H.265';
  return `${size} ${name} at ${fps} frames/s, ${plates} % of frames with a plate, ${night ? 'night' : 'day'}`;
}
