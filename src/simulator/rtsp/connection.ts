import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { type AuthPolicy, challenges, judgeAuthorization } from './auth.js';
import type { SimulatedCamera, Viewer } from './camera.js';
import { asRequest, formatMessage, header, MessageReader, type RtspRequest } from './message.js';
import { senderReport } from './rtcp.js';
import { RTP_HEADER_BYTES, writeRtpHeader } from './rtp.js';
import { describeClip, PAYLOAD_TYPE } from './sdp.js';
import { SIMULATOR } from './settings.js';

export interface ConnectionDependencies {
  readonly cameraAt: (path: string) => SimulatedCamera | undefined;
  readonly auth: AuthPolicy | null;
  readonly onSlow: () => void;
}

type Send = (packet: Buffer, isRtcp: boolean) => void;

/** One RTSP client from its first byte to its last: answers its requests, and plays one camera to it over TCP or UDP. */
export class Connection {
  camera: SimulatedCamera | null = null;
  readonly #socket: Socket;
  readonly #deps: ConnectionDependencies;
  readonly #reader = new MessageReader();
  readonly #nonce = randomBytes(16).toString('hex');
  readonly #session = randomBytes(8).toString('hex');
  readonly #ssrc = randomInt(2 ** 32);
  #sequence = randomInt(2 ** 16);
  #packets = 0;
  #octets = 0;
  #send: Send | null = null;
  #leave: (() => void) | null = null;
  #udp: UdpSocket | null = null;
  #waitingForKey = true;

  constructor(socket: Socket, deps: ConnectionDependencies) {
    this.#socket = socket;
    this.#deps = deps;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#end());
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    for (const unit of this.#reader.push(chunk)) {
      if (unit.kind === 'malformed') {
        this.close();
        return;
      }
      if (unit.kind === 'message') {
        const request = asRequest(unit.message);
        if (request) this.#answer(request);
      }
    }
  }

  #reply(request: RtspRequest, status: string, headers: [string, string][] = [], body = Buffer.alloc(0)): void {
    const cseq = header(request.message, 'CSeq') ?? '0';
    this.#socket.write(formatMessage({ startLine: `RTSP/1.0 ${status}`, headers: [['CSeq', cseq], ...headers], body }));
  }

  #answer(request: RtspRequest): void {
    const path = pathOf(request.url);
    const camera = this.#deps.cameraAt(path);
    if (request.method === 'OPTIONS') {
      this.#reply(request, '200 OK', [['Public', 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER']]);
      return;
    }
    if (!camera) {
      this.#reply(request, '404 Not Found');
      return;
    }
    if (!this.#isAuthorised(request, camera)) return;
    this.#serve(request, camera);
  }

  #serve(request: RtspRequest, camera: SimulatedCamera): void {
    const session: [string, string] = ['Session', `${this.#session};timeout=${SIMULATOR.sessionTimeoutSeconds}`];
    switch (request.method) {
      case 'DESCRIBE': {
        const body = Buffer.from(describeClip(camera.clip, camera.fault.kind === 'wrong_sdp'));
        this.#reply(
          request,
          '200 OK',
          [
            ['Content-Type', 'application/sdp'],
            ['Content-Base', `${request.url}/`],
          ],
          body,
        );
        return;
      }
      case 'SETUP':
        void this.#setUp(request, camera, session);
        return;
      case 'PLAY':
        if (!this.#send) {
          this.#reply(request, '455 Method Not Valid in This State');
          return;
        }
        this.#reply(request, '200 OK', [session, ['Range', 'npt=now-']]);
        this.#play(camera);
        return;
      case 'PAUSE':
        this.#leave?.();
        this.#leave = null;
        this.#reply(request, '200 OK', [session]);
        return;
      case 'TEARDOWN':
        this.#reply(request, '200 OK', [session]);
        this.#socket.end();
        return;
      case 'GET_PARAMETER':
        this.#reply(request, '200 OK', [session]);
        return;
      default:
        this.#reply(request, '501 Not Implemented');
    }
  }

  #isAuthorised(request: RtspRequest, camera: SimulatedCamera): boolean {
    const { auth } = this.#deps;
    const refuse = camera.fault.kind === 'unauthorised';
    if (!auth && !refuse) return true;
    const policy = auth ?? {
      credential: { username: '', password: '' },
      schemes: ['digest' as const],
      realm: 'camera-sim',
    };
    const verdict = refuse
      ? 'wrong'
      : judgeAuthorization(policy, this.#nonce, {
          method: request.method,
          url: request.url,
          authorization: header(request.message, 'Authorization'),
        });
    if (verdict === 'accepted') return true;
    const offered = challenges(policy, this.#nonce, verdict === 'stale');
    this.#reply(
      request,
      '401 Unauthorized',
      offered.map((value) => ['WWW-Authenticate', value] as [string, string]),
    );
    return false;
  }

  async #setUp(request: RtspRequest, camera: SimulatedCamera, session: [string, string]): Promise<void> {
    const transport = header(request.message, 'Transport') ?? '';
    const ports = /client_port=(\d+)-(\d+)/.exec(transport);
    const channels = /interleaved=(\d+)-(\d+)/.exec(transport);
    this.camera = camera;
    if (/TCP/i.test(transport)) {
      const [rtp, rtcp] = channels ? [Number(channels[1]), Number(channels[2])] : [0, 1];
      this.#send = (packet, isRtcp) => this.#interleave(packet, isRtcp ? rtcp : rtp);
      this.#reply(request, '200 OK', [session, ['Transport', `RTP/AVP/TCP;unicast;interleaved=${rtp}-${rtcp}`]]);
    } else if (ports) {
      await this.#setUpUdp(request, session, Number(ports[1]), Number(ports[2]));
    } else {
      this.#reply(request, '461 Unsupported Transport');
    }
  }

  async #setUpUdp(request: RtspRequest, session: [string, string], rtp: number, rtcp: number): Promise<void> {
    const udp = createSocket('udp4');
    udp.on('error', () => {});
    await new Promise<void>((resolve) => udp.bind(0, resolve));
    this.#udp = udp;
    const to = this.#socket.remoteAddress?.replace('::ffff:', '') ?? '127.0.0.1';
    this.#send = (packet, isRtcp) => udp.send(packet, isRtcp ? rtcp : rtp, to, () => {});
    const { port } = udp.address();
    const transport = `RTP/AVP;unicast;client_port=${rtp}-${rtcp};server_port=${port}-${port}`;
    this.#reply(request, '200 OK', [session, ['Transport', transport]]);
  }

  #play(camera: SimulatedCamera): void {
    const viewer: Viewer = {
      send: (payload, last, timestamp, key) => this.#sendPayload(camera, payload, last, timestamp, key),
      report: (wallMs, timestamp) => this.#report(wallMs, timestamp),
    };
    this.#leave?.();
    this.#leave = camera.join(viewer);
  }

  #sendPayload(camera: SimulatedCamera, payload: Buffer, last: boolean, timestamp: number, key: boolean): void {
    if (camera.fault.kind === 'reconnect_storm') {
      this.close();
      return;
    }
    // A client that does not read gets nothing more until it has; then it starts again at a key frame.
    if (this.#socket.writableLength > SIMULATOR.backlogBytesMax) {
      if (!this.#waitingForKey) this.#deps.onSlow();
      this.#waitingForKey = true;
    }
    if (this.#waitingForKey && (!key || this.#socket.writableLength > 0)) return;
    if (last || key) this.#waitingForKey = false;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    if (camera.fault.kind === 'packet_loss' && Math.random() < camera.fault.share) return;
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length);
    writeRtpHeader(packet, 0, {
      marker: last,
      payloadType: PAYLOAD_TYPE,
      sequence: this.#sequence,
      timestamp,
      ssrc: this.#ssrc,
    });
    payload.copy(packet, RTP_HEADER_BYTES);
    this.#packets += 1;
    this.#octets += payload.length;
    this.#send?.(packet, false);
  }

  #report(wallMs: number, timestamp: number): void {
    const report = { ssrc: this.#ssrc, wallMs, timestamp, packetCount: this.#packets, octetCount: this.#octets };
    this.#send?.(senderReport(report, 'camera-sim'), true);
  }

  #interleave(packet: Buffer, channel: number): void {
    const head = Buffer.allocUnsafe(4);
    head.writeUInt8(0x24, 0);
    head.writeUInt8(channel, 1);
    head.writeUInt16BE(packet.length, 2);
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(packet);
    process.nextTick(() => this.#socket.uncork());
  }

  #end(): void {
    this.#leave?.();
    this.#leave = null;
    this.#send = null;
    this.#udp?.close();
    this.#udp = null;
  }
}

/** `/cam1` of `rtsp://host/cam1/track0`. */
function pathOf(url: string): string {
  const path = /^rtsps?:\/\/[^/]+(\/[^?]*)?/i.exec(url)?.[1] ?? '/';
  return path.replace(/\/(track\d+)?\/?$/, '') || '/';
}
