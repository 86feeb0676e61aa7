/** What a clip shows, written beside it as `NAME.truth.json`. */
export interface SceneTruth {
  readonly clip: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  readonly passes: readonly PassTruth[];
}

/** One vehicle pass. A frame counts while the whole plate is in sight and wide enough to matter. */
export interface PassTruth {
  /** Letters and digits only. */
  readonly plate: string;
  readonly state: string;
  readonly direction: 'towards' | 'away';
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** The frame in which the plate is widest. */
  readonly bestFrame: number;
  /** Frame number, then x, y, width, height of the plate in pixels. */
  readonly boxes: readonly PlateBox[];
}

export type PlateBox = readonly [frame: number, x: number, y: number, width: number, height: number];

/** Sums up the boxes of one vehicle; null if its plate was never in sight. */
export function passTruth(
  plate: string,
  state: string,
  direction: PassTruth['direction'],
  boxes: readonly PlateBox[],
): PassTruth | null {
  const first = boxes[0];
  const last = boxes.at(-1);
  if (!first || !last) return null;
  const best = boxes.reduce((widest, box) => (box[3] > widest[3] ? box : widest));
  return { plate, state, direction, firstFrame: first[0], lastFrame: last[0], bestFrame: best[0], boxes };
}
