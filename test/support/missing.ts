import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The system's Python: another one lacks GStreamer's bindings. */
export const systemPython = '/usr/bin/python3';

/** Where a browser that Playwright can drive may stand. */
export const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

const runs = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const gstProbe = [
  "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0')",
  'from gi.repository import Gio, Gst, GstRtspServer; Gst.init(None)',
  'import shutil; assert shutil.which("openssl")',
  "wanted = ['h264parse', 'rtph264pay', 'rtpjpegpay', 'jpegenc']",
  'assert Gio.TlsBackend.get_default().supports_tls() and all(Gst.ElementFactory.find(x) for x in wanted)',
].join('; ');

/** What tests drive besides the program, and whether it is here. Debian's packages of all of it stand in `.ci/packages`. */
const probes = {
  chromium: () => browserPath !== undefined,
  curl: () => runs('curl', '--version') && runs('openssl', 'version'),
  'redis-server': () => runs('redis-server', '--version'),
  prometheus: () => runs('promtool', '--version') && runs('prometheus', '--version'),
  'docker-compose': () => runs('docker', 'compose', 'version') || runs('docker-compose', 'version'),
  'GStreamer RTSP server': () => runs(systemPython, '-c', gstProbe),
  'python3-venv': () => runs('python3', '-m', 'venv', '--help') && runs('python3', '-m', 'ensurepip', '--version'),
  'systemd-analyze': () => runs('systemd-analyze', '--version'),
} as const;

/** @returns the reason for skipping, or null where it is here. */
export function missing(what: keyof typeof probes): string | null {
  return probes[what]() ? null : `needs ${what}: .ci/packages says what to install`;
}
