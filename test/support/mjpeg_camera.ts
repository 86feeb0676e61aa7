import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AV_PIX_FMT_RGB24, type AVPixelFormat, SWS_BILINEAR } from 'node-av/constants';
import { SoftwareScaleContext } from 'node-av/lib';
import sharp from 'sharp';
import { eachPicture } from '../../src/sizing/transcode.js';

/** A cheap camera: JPEG pictures for ever, one after the other, as multipart over HTTP. */
export async function startMjpegCamera(pictures: readonly Buffer[], everyMs: number) {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=frame' });
    let count = 0;
    const timer = setInterval(() => {
      const picture = pictures[count++ % pictures.length] as Buffer;
      response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`);
      response.write(picture);
      response.write('\r\n');
    }, everyMs);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/video.mjpg`,
    hangUp: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Every second picture of the first `count` of a clip, as JPEG. */
export async function jpegsOf(clip: string, count: number): Promise<Buffer[]> {
  const raws: { readonly data: Buffer; readonly width: number; readonly height: number }[] = [];
  let at = 0;
  let scaler: SoftwareScaleContext | null = null;
  eachPicture(clip, (frame) => {
    if (at >= count || at++ % 2 === 1) return;
    const { width, height } = frame;
    if (!scaler) {
      scaler = new SoftwareScaleContext();
      scaler.getContext(width, height, frame.format as AVPixelFormat, width, height, AV_PIX_FMT_RGB24, SWS_BILINEAR);
    }
    const data = Buffer.alloc(width * height * 3);
    scaler.scaleSync(frame.data as Buffer[], frame.linesize, 0, height, [data], [width * 3]);
    raws.push({ data, width, height });
  });
  (scaler as SoftwareScaleContext | null)?.freeContext();
  return Promise.all(
    raws.map(({ data, width, height }) =>
      sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 85 })
        .toBuffer(),
    ),
  );
}
