import { type ChildProcess, spawn } from 'node:child_process';
import { packagePath } from '../../src/package_root.js';
import { systemPython } from './missing.js';

export interface GstRtspOptions {
  /** Path -> GStreamer launch line whose payloader is `pay0`. */
  readonly mounts: Readonly<Record<string, string>>;
  readonly user?: { readonly name: string; readonly password: string; readonly digest: boolean };
  /** A PEM file with certificate and key: RTSPS. */
  readonly tls?: { readonly pem: string };
}

export interface GstRtspServer {
  url(path: string): string;
  close(): Promise<void>;
}

/** GStreamer's RTSP server in a process of its own, in suites that are skipped where it is missing. */
export async function startGstRtsp({ mounts, user, tls }: GstRtspOptions): Promise<GstRtspServer> {
  const settings = JSON.stringify({ mounts, user: user ?? null, tls: tls ?? null });
  const child = spawn(systemPython, [packagePath('test', 'support', 'gst_rtsp.py'), settings]);
  const port = await portOf(child);
  return {
    url: (path) => `${tls ? 'rtsps' : 'rtsp'}://127.0.0.1:${port}${path}`,
    async close() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin?.end();
      await ended;
    },
  };
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk));
    child.stdout?.once('data', (line: Buffer) => resolve(Number(line)));
    child.once('close', () => reject(new Error(`the RTSP server ended: ${errors.slice(-2000)}`)));
  });
}
