import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A redis-server of our own on loopback, for benches and tests; its folder goes with it. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Holds the append-only file. */
  readonly folder: string;
  /** `SIGKILL` as a crash, `SIGSTOP` and `SIGCONT` as a server that hangs. */
  signal(name: NodeJS.Signals): void;
  /** Waits until the process is gone. */
  ended(): Promise<void>;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const startMsMax = 15_000;

/** @throws when there is no `redis-server` on the PATH, or it does not answer. */
export async function startRedisServer(...more: readonly string[]): Promise<RedisServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'platestream-redis-'));
  let child = launch(port, folder, more);
  await answering(port, child);
  const ended = async () => {
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('exit', resolve));
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    folder,
    signal: (name) => void child.kill(name),
    ended,
    async restart() {
      child = launch(port, folder, more);
      await answering(port, child);
    },
    async close() {
      child.kill('SIGKILL');
      await ended();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function launch(port: number, folder: string, more: readonly string[]): ChildProcess {
  const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--loglevel', 'warning'];
  return spawn('redis-server', [...fixed, ...more], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () =>
      reject(new Error('redis-server is not installed (Debian: apt-get install redis-server)')),
    );
    child.once('exit', (code) => reject(new Error(`redis-server ended at its start (exit ${code})`)));
  });
  // The process may well end later; only its start is of interest here.
  failed.catch(() => undefined);
  const deadline = performance.now() + startMsMax;
  while (!(await Promise.race([pong(port), failed]))) {
    if (performance.now() > deadline) throw new Error(`redis-server did not answer within ${startMsMax} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function pong(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}
