import {
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ420P,
  AV_PIX_FMT_YUVJ422P,
  AV_PIX_FMT_YUVJ444P,
  type AVPixelFormat,
  SWS_AREA,
  SWS_FAST_BILINEAR,
} from 'node-av/constants';
import { Frame as AvFrame, SoftwareScaleContext } from 'node-av/lib';
import { assert } from '../data/result.js';
import type { SlotLayout } from '../data/slot_layout.js';
import type { Luma } from './motion.js';

const planar420: readonly number[] = [AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P];
/** Formats whose first plane is eight-bit luma, one byte a pixel. */
const plainLuma: readonly number[] = [
  ...planar420,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUVJ422P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ444P,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_GRAY8,
];

/**
 * Looks at decoded pictures where FFmpeg left them, and copies those that are wanted into slots: I420, and the thumb by swscale's area
 * averaging (the fastest here, and the one that does not alias). Scaling contexts are kept while the shape stays.
 */
export class PictureReader {
  #thumb: SoftwareScaleContext | null = null;
  #thumbKey = '';
  #colour: SoftwareScaleContext | null = null;
  #colourKey = '';
  #converted: AvFrame | null = null;

  /** Luma without copying; a format without plain 8-bit luma (10-bit, packed) is converted first. Odd edges are cut off. */
  luma(frame: AvFrame): Luma {
    const source = this.#plain(frame);
    const width = frame.width & ~1;
    const height = frame.height & ~1;
    return { pixels: planesOf(source)[0] as Buffer, stride: source.linesize[0] as number, width, height };
  }

  /** Fills a slot; see `slot_layout.ts`. */
  copy(frame: AvFrame, slot: Uint8Array, layout: SlotLayout): void {
    const source = planar420.includes(frame.format) ? frame : this.#convert(frame);
    const out = Buffer.from(slot.buffer, slot.byteOffset, slot.byteLength);
    copyPlanes(planesOf(source), source.linesize, out, layout);
    this.#thumbContext(layout).scaleSync(
      [out.subarray(0, layout.uOffset)],
      [layout.width],
      0,
      layout.height,
      [out.subarray(layout.thumbOffset)],
      [layout.thumbWidth],
    );
  }

  free(): void {
    this.#thumb?.freeContext();
    this.#colour?.freeContext();
    this.#converted?.free();
    this.#thumb = null;
    this.#colour = null;
    this.#converted = null;
  }

  #plain(frame: AvFrame): AvFrame {
    return plainLuma.includes(frame.format) ? frame : this.#convert(frame);
  }

  #convert(frame: AvFrame): AvFrame {
    const { width, height } = frame;
    const key = `${width}x${height}:${frame.format}`;
    if (key !== this.#colourKey) {
      this.#colour?.freeContext();
      this.#converted?.free();
      this.#colour = new SoftwareScaleContext();
      const from = frame.format as AVPixelFormat;
      this.#colour.getContext(width, height, from, width, height, AV_PIX_FMT_YUV420P, SWS_FAST_BILINEAR);
      this.#converted = blankFrame(width, height);
      this.#colourKey = key;
    }
    assert(this.#converted && this.#colour, 'a conversion has its context');
    assert(this.#colour.scaleFrameSync(this.#converted, frame) >= 0, 'a decoded picture can be converted to I420');
    return this.#converted;
  }

  #thumbContext(layout: SlotLayout): SoftwareScaleContext {
    const key = `${layout.width}x${layout.height}:${layout.thumbWidth}x${layout.thumbHeight}`;
    if (this.#thumb && key === this.#thumbKey) return this.#thumb;
    this.#thumb?.freeContext();
    this.#thumb = new SoftwareScaleContext();
    const { width, height, thumbWidth, thumbHeight } = layout;
    this.#thumb.getContext(width, height, AV_PIX_FMT_GRAY8, thumbWidth, thumbHeight, AV_PIX_FMT_GRAY8, SWS_AREA);
    this.#thumbKey = key;
    return this.#thumb;
  }
}

function blankFrame(width: number, height: number): AvFrame {
  const frame = new AvFrame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = AV_PIX_FMT_YUV420P;
  assert(frame.getBuffer() >= 0, 'there is memory for one picture');
  return frame;
}

function planesOf(frame: AvFrame): Buffer[] {
  const planes = frame.data;
  assert(planes, 'a decoded picture has planes');
  return planes;
}

function copyPlanes(planes: readonly Buffer[], strides: readonly number[], out: Buffer, layout: SlotLayout): void {
  const starts = [0, layout.uOffset, layout.vOffset];
  for (const [plane, start] of starts.entries()) {
    const width = plane === 0 ? layout.width : layout.width / 2;
    const height = plane === 0 ? layout.height : layout.height / 2;
    copyRows(planes[plane] as Buffer, strides[plane] as number, out, start, width, height);
  }
}

function copyRows(from: Buffer, stride: number, to: Buffer, start: number, width: number, height: number): void {
  if (stride === width) to.set(from.subarray(0, width * height), start);
  else for (let y = 0; y < height; y++) to.set(from.subarray(y * stride, y * stride + width), start + y * width);
}
