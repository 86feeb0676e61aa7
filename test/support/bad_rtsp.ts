import { type AddressInfo, createServer, type Socket } from 'node:net';

/**
 * RTSP servers that are none: `hang` takes the connection and says nothing; `trickle` answers one byte a second, for ever;
 * `lie` describes an H.264 stream, with parameter sets that are JPEG bytes, and never sends a packet of it.
 */
export type Misbehaviour = 'hang' | 'trickle' | 'lie';

export async function startBadRtsp(misbehaviour: Misbehaviour): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', (request) => {
      if (misbehaviour === 'lie') socket.write(lieAbout(request.toString()));
    });
    if (misbehaviour === 'trickle') trickle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/stream`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A valid beginning of an answer that never ends. */
function trickle(socket: Socket): void {
  const answer = `RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: ${'x'.repeat(10_000)}`;
  let at = 0;
  const timer = setInterval(() => socket.write(answer[at++] ?? 'x'), 1_000);
  socket.once('close', () => clearInterval(timer));
}

const description = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=lie',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=/9j/4AAQ,/9j/',
  'a=control:track1',
  '',
].join('\r\n');

/** Agrees to everything it is asked, and sends nothing. */
function lieAbout(request: string): string {
  const sequence = /CSeq: *(\d+)/i.exec(request)?.[1] ?? '1';
  const head = `RTSP/1.0 200 OK\r\nCSeq: ${sequence}\r\n`;
  if (request.startsWith('DESCRIBE'))
    return `${head}Content-Type: application/sdp\r\nContent-Length: ${description.length}\r\n\r\n${description}`;
  if (request.startsWith('SETUP')) return `${head}Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n`;
  return `${head}Session: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n`;
}
