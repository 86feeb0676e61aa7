/**
 * What lies in one frame slot of the shared memory, in bytes from the slot's start:
 *
 *     0                 w*h            w*h*5/4         w*h*3/2                + thumbWidth*thumbHeight
 *     | Y, stride = w    | U, w/2 x h/2 | V, w/2 x h/2  | thumb: luma for the detector |
 *
 * `w` and `h` are even. The thumb is the frame's luma scaled to fit the detector's input, aspect kept, without padding;
 * `thumbScale` = thumb pixels per frame pixel.
 */
export interface SlotLayout {
  readonly width: number;
  readonly height: number;
  readonly uOffset: number;
  readonly vOffset: number;
  readonly thumbOffset: number;
  readonly thumbWidth: number;
  readonly thumbHeight: number;
  readonly thumbScale: number;
  readonly bytes: number;
}

/** @param fit the detector's input size in pixels; a frame smaller than it is not enlarged. */
export function slotLayout(width: number, height: number, fit: { width: number; height: number }): SlotLayout {
  if (width % 2 !== 0 || height % 2 !== 0) throw new Error(`slot of odd size ${width}x${height}`);
  const thumbScale = Math.min(1, fit.width / width, fit.height / height);
  const thumbWidth = Math.max(2, Math.floor(width * thumbScale));
  const thumbHeight = Math.max(2, Math.floor(height * thumbScale));
  const luma = width * height;
  const thumbOffset = (luma * 3) / 2;
  return {
    width,
    height,
    uOffset: luma,
    vOffset: (luma * 5) / 4,
    thumbOffset,
    thumbWidth,
    thumbHeight,
    thumbScale,
    bytes: thumbOffset + thumbWidth * thumbHeight,
  };
}
