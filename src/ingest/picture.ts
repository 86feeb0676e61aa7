import {
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  type AVPixelFormat,
  SWS_AREA,
  SWS_FAST_BILINEAR,
  SWS_POINT,
  type SwsFlags,
} from 'node-av/constants';
import { Frame as AvFrame, SoftwareScaleContext } from 'node-av/lib';
import { assert } from '../data/result.js';
import type { SlotLayout } from '../data/slot_layout.js';
import { type SparseLuma, sparseStep } from './motion.js';

const planar420: readonly number[] = [AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P];

/**
 * Looks at decoded pictures where FFmpeg left them, and copies those that are wanted into slots. Scaling contexts and FFmpeg pictures are
 * made once a shape, and their memory is mapped into JavaScript once: mapping each decoded picture (3 MB at 1080p) made V8
 * collect garbage every tenth frame, at a third of the whole cost of an empty road.
 */
export class PictureReader {
  readonly #sparse = new Scaled(SWS_POINT);
  readonly #whole = new Scaled(SWS_FAST_BILINEAR);
  #thumb: SoftwareScaleContext | null = null;
  #thumbKey = '';

  /** One luma point in 128, valid until the next call. */
  sparse(frame: AvFrame): SparseLuma {
    const width = Math.max(1, Math.floor(frame.width / sparseStep.across));
    const height = Math.max(1, Math.floor(frame.height / sparseStep.down));
    const { planes, strides } = this.#sparse.of(frame, width, height);
    return { pixels: planes[0] as Buffer, stride: strides[0] as number, width, height };
  }

  /** Fills a slot; see `slot_layout.ts`. Odd edges are cut off. */
  copy(frame: AvFrame, slot: Uint8Array, layout: SlotLayout): void {
    const { planes, strides } = this.#whole.of(frame, frame.width, frame.height);
    const out = Buffer.from(slot.buffer, slot.byteOffset, slot.byteLength);
    copyPlanes(planes, strides, out, layout);
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
    this.#sparse.free();
    this.#whole.free();
    this.#thumb?.freeContext();
    this.#thumb = null;
  }

  /** By area averaging: the fastest here, and the one that does not alias. */
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

/** Decoded pictures in I420 at one size, in memory of its own that is made once. Full-range video keeps its range. */
class Scaled {
  readonly #how: SwsFlags;
  #from = { width: 0, height: 0, format: -1 };
  #context: SoftwareScaleContext | null = null;
  #picture: AvFrame | null = null;
  #planes: readonly Buffer[] = [];
  #strides: readonly number[] = [];

  constructor(how: SwsFlags) {
    this.#how = how;
  }

  /** @returns views that show the picture until the next call */
  of(frame: AvFrame, width: number, height: number): { planes: readonly Buffer[]; strides: readonly number[] } {
    const { width: w, height: h, format } = this.#from;
    if (frame.width !== w || frame.height !== h || frame.format !== format) this.#prepare(frame, width, height);
    assert(this.#picture, 'a prepared size has its picture');
    const done = this.#context ? this.#context.scaleFrameSync(this.#picture, frame) : this.#picture.copy(frame);
    assert(done >= 0, 'a decoded picture can be brought to I420');
    return { planes: this.#planes, strides: this.#strides };
  }

  free(): void {
    this.#context?.freeContext();
    this.#picture?.free();
    this.#context = null;
    this.#picture = null;
    this.#from = { width: 0, height: 0, format: -1 };
  }

  #prepare(frame: AvFrame, width: number, height: number): void {
    this.free();
    const from = frame.format as AVPixelFormat;
    const to = planar420.includes(from) ? from : AV_PIX_FMT_YUV420P;
    if (to !== from || width !== frame.width || height !== frame.height) {
      this.#context = new SoftwareScaleContext();
      this.#context.getContext(frame.width, frame.height, from, width, height, to, this.#how);
    }
    this.#picture = blankPicture(width, height, to);
    this.#planes = planesOf(this.#picture);
    this.#strides = this.#picture.linesize;
    this.#from = { width: frame.width, height: frame.height, format: from };
  }
}

function blankPicture(width: number, height: number, format: AVPixelFormat): AvFrame {
  const picture = new AvFrame();
  picture.alloc();
  picture.width = width;
  picture.height = height;
  picture.format = format;
  assert(picture.getBuffer() >= 0, 'there is memory for one picture');
  return picture;
}

function planesOf(frame: AvFrame): Buffer[] {
  const planes = frame.data;
  assert(planes, 'a picture has planes');
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
