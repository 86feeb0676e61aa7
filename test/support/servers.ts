import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Real servers the tests drive, as Debian packages, with a file each of them brings. */
const servers: readonly { readonly name: string; readonly file: string }[] = [
  { name: 'redis-server', file: '/usr/bin/redis-server' },
  { name: 'prometheus', file: '/usr/bin/prometheus' },
  { name: 'chromium', file: '/usr/bin/chromium' },
  { name: 'python3-gi', file: '/usr/lib/python3/dist-packages/gi' },
  { name: 'gir1.2-gst-rtsp-server-1.0', file: '/usr/share/doc/gir1.2-gst-rtsp-server-1.0' },
  { name: 'gstreamer1.0-plugins-good', file: '/usr/share/doc/gstreamer1.0-plugins-good' },
  { name: 'gstreamer1.0-plugins-bad', file: '/usr/share/doc/gstreamer1.0-plugins-bad' },
];

/**
 * Installs what is missing where that is possible (root on Debian or Ubuntu); elsewhere says what to install. Tests that need a
 * missing server then fail, they are not skipped.
 */
export function ensureServers(): void {
  const missing = servers.filter((server) => !existsSync(server.file)).map((server) => server.name);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    process.stdout.write(`missing servers; tests that need them will fail. Install them with: sudo ${command}\n`);
    return;
  }
  process.stdout.write(`installing test servers: ${missing.join(' ')}\n`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'] as const,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-q'], { ...options, stdio: [...options.stdio] });
  const { status } = spawnSync('sh', ['-c', command], { ...options, stdio: [...options.stdio] });
  if (status !== 0) process.stdout.write(`could not install; run by hand: ${command}\n`);
}
