import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { AuthPolicy } from './auth.js';
import { type Fault, SimulatedCamera } from './camera.js';
import { type Clip, loadClip } from './clip.js';
import { Connection } from './connection.js';
import { Schedule } from './schedule.js';

export interface RtspServerOptions {
  /** Video files (H.264, H.265); cameras take them in turn. */
  readonly clips: readonly string[];
  /** How many cameras: `/cam1` ... `/camN`. Default: one a clip. */
  readonly cameras?: number;
  readonly host?: string;
  /** 0 = any free port. */
  readonly port?: number;
  readonly auth?: AuthPolicy | null;
  /**
   * Where in its clip each camera is: the same seed gives the same places, and who joins waits for the next key frame. Default: spread
   * evenly, and a camera begins anew for whoever comes first.
   */
  readonly seed?: number;
}

/** A running simulator; see `RtspServerOptions`. */
export interface RtspServerHandle {
  readonly port: number;
  readonly urls: readonly string[];
  setFault(camera: number, fault: Fault): void;
  stats(): { readonly clients: number; readonly sentFrames: number; readonly slowClients: number };
  close(): Promise<void>;
}

/**
 * An RTSP 1.0 server (RFC 2326) that plays clips as live cameras: TCP-interleaved and UDP, Basic and Digest, RTCP sender reports,
 * scripted faults. For demos, tests and sizing. @throws one line when a clip or the port cannot be used.
 */
export async function startRtspServer(options: RtspServerOptions): Promise<RtspServerHandle> {
  const clips = await Promise.all(options.clips.map(loadClip));
  const host = options.host ?? '127.0.0.1';
  const schedule = new Schedule(() => Date.now());
  const phase = phases(options.seed);
  const cameras = Array.from({ length: options.cameras ?? clips.length }, (_, i) => {
    const clip = clips[i % clips.length] as Clip;
    const offsetMs = phase(Math.floor(i / clips.length)) * clip.durationMs;
    return new SimulatedCamera(`/cam${i + 1}`, clip, schedule, offsetMs, options.seed !== undefined);
  });
  const byPath = new Map(cameras.map((camera) => [camera.path, camera]));
  const connections = new Set<Connection>();
  let slowClients = 0;
  const server = createServer((socket) => {
    const connection = new Connection(socket, {
      cameraAt: (path) => byPath.get(path),
      auth: options.auth ?? null,
      onSlow: () => {
        slowClients += 1;
      },
    });
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  });
  const port = await listen(server, host, options.port ?? 0);
  return {
    port,
    urls: cameras.map((camera) => `rtsp://${host}:${port}${camera.path}`),
    setFault(index, fault) {
      const camera = cameras[index];
      if (!camera) throw new Error(`no camera ${index}`);
      camera.fault = fault;
      if (fault.kind === 'size_change') camera.switchTo(otherSize(clips, camera.clip));
      if (fault.kind === 'disconnect') for (const one of connections) if (one.camera === camera) one.close();
    },
    stats: () => ({
      clients: connections.size,
      sentFrames: cameras.reduce((sum, camera) => sum + camera.sentFrames, 0),
      slowClients,
    }),
    async close() {
      schedule.close();
      for (const connection of connections) connection.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function otherSize(clips: readonly Clip[], clip: Clip): Clip {
  const other = clips.find(({ width, height }) => width !== clip.width || height !== clip.height);
  if (!other) throw new Error('a change of size needs clips of two sizes');
  return other;
}

/** Cameras of one clip are spread over it, so that they do not all see the same car at once. @returns shares of the clip, 0..1. */
function phases(seed: number | undefined): (camera: number) => number {
  if (seed === undefined) return (camera) => (camera * 0.37) % 1;
  return (camera) => createHash('sha256').update(`${seed} ${camera}`).digest().readUInt32BE(0) / 2 ** 32;
}

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new Error(error.code === 'EADDRINUSE' ? `port ${port} is in use; choose another with --port` : error.message),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
