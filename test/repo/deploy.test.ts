import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { loadEngineConfig } from '../../src/engine/config.js';
import { packagePath } from '../../src/package_root.js';
import { filesBelow } from '../support/files.js';
import { composeConfig, lint } from '../support/linters.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';

const { test } = suite('deploy');
const deploy = (...parts: string[]) => packagePath('deploy', ...parts);

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: { readonly runAsNonRoot: boolean };
  readonly containers: readonly {
    readonly securityContext: { readonly readOnlyRootFilesystem: boolean; readonly allowPrivilegeEscalation: boolean };
    readonly env: readonly { readonly name: string }[];
  }[];
}

function manifests(): Manifest[] {
  return filesBelow(deploy('kubernetes'), '.yaml').flatMap((file) =>
    parseAllDocuments(readFileSync(deploy('kubernetes', file), 'utf8')).map((document) => {
      assert.deepEqual(document.errors, [], file);
      return document.toJS() as Manifest;
    }),
  );
}

test('Kubernetes: pods run as nobody in particular, on a read-only root, without a service account', () => {
  const pods = manifests().flatMap(({ spec }) => (spec?.template ? [spec.template.spec] : []));
  assert.equal(pods.length, 2);
  for (const pod of pods) {
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(pod.securityContext.runAsNonRoot, true);
    for (const { securityContext } of pod.containers) {
      assert.deepEqual(
        [securityContext.readOnlyRootFilesystem, securityContext.allowPrivilegeEscalation],
        [true, false],
      );
    }
  }
});

test("Kubernetes: each engine's configuration is one this program accepts, and it holds no other credential", () => {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-deploy-'));
  const all = manifests();
  const files = all.flatMap(({ data }) => Object.entries(data ?? {}));
  assert.ok(files.length >= 2);
  for (const [name, text] of files) {
    writeFileSync(join(folder, name), text);
    const config = loadEngineConfig(join(folder, name));
    assert.ok(config.ok, config.ok ? '' : config.error);
    assert.equal(`${config.value.name}.yaml`, name);
  }
  rmSync(folder, { recursive: true });
  const engine = all.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'engine');
  const names = engine?.spec?.template?.spec.containers[0]?.env.map(({ name }) => name);
  assert.deepEqual(names, ['POD_NAME', 'PLATESTREAM_REDIS_PASSWORD', 'UV_THREADPOOL_SIZE']);
});

test('compose: every service is hardened and every file it mounts exists', () => {
  const file = deploy('docker', 'compose.yaml');
  const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as {
    services: Record<string, { cap_drop: string[]; security_opt: string[]; volumes?: string[] }>;
  };
  assert.deepEqual(Object.keys(services).sort(), ['clickhouse', 'grafana', 'platestream', 'prometheus', 'redis']);
  for (const [name, service] of Object.entries(services)) {
    assert.deepEqual(service.cap_drop, ['ALL'], name);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    for (const volume of service.volumes ?? []) {
      const [from = ''] = volume.split(':');
      // The user's own configuration is not in the repository.
      if (from.startsWith('.') && from !== './platestream.yaml')
        assert.ok(existsSync(join(deploy('docker'), from)), from);
    }
  }
});

test('Dockerfile: what it copies is what the program needs, and it does not run as root', () => {
  const text = readFileSync(deploy('docker', 'Dockerfile'), 'utf8');
  const copied = [...text.matchAll(/--from=build --chown=root:root \/app\/(\S+)/g)].map((found) => found[1]);
  for (const needed of ['dist', 'bin', 'models', 'assets', 'policies', 'node_modules', 'package.json'])
    assert.ok(copied.includes(needed), needed);
  assert.match(text, /^USER 1000:1000$/m);
});

test(
  'compose: the file is one that compose takes, with every variable it asks for',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'platestream-compose-'));
    const file = join(folder, 'compose.yaml');
    // Compose 1 of Debian knows everything of the file but its name.
    writeFileSync(file, readFileSync(deploy('docker', 'compose.yaml'), 'utf8').replace(/^name:.*\n/m, ''));
    const env = { PLATESTREAM_STORE_PASSWORD: 'a', PLATESTREAM_REDIS_PASSWORD: 'b', GRAFANA_PASSWORD: 'c' };
    const whole = composeConfig(file, deploy('docker'), env);
    assert.ok(whole.ok, whole.output);
    const lacking = composeConfig(file, deploy('docker'), { ...env, GRAFANA_PASSWORD: '' });
    assert.ok(!lacking.ok && lacking.output.includes('GRAFANA_PASSWORD'), lacking.output);
    rmSync(folder, { recursive: true });
  },
  { missing: missing('docker-compose') },
);

test(
  'Dockerfile: hadolint finds nothing',
  () => {
    const { ok, output } = lint('hadolint', deploy('docker', 'Dockerfile'));
    assert.ok(ok, output);
  },
  { missing: missing('python3-venv') },
);

test(
  'Kubernetes: every resource is as its schema says, with no property it does not know',
  () => {
    for (const file of filesBelow(deploy('kubernetes'), '.yaml')) {
      const { ok, output } = lint('kubernetes-validate', '--strict', deploy('kubernetes', file));
      assert.ok(ok, output);
    }
  },
  { missing: missing('python3-venv') },
);

test(
  'systemd: units are valid, and exposed to little',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'platestream-units-'));
    const engine = join(folder, 'platestream-engine@east.service');
    copyFileSync(deploy('systemd', 'platestream-engine@.service'), engine);
    for (const unit of [deploy('systemd', 'platestream.service'), engine]) {
      const { stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
      // Neither Node.js nor the program need be installed where this test runs.
      const problems = stderr
        .split('\n')
        .filter((line) => line && !/not executable|Failed to (prepare|load)/.test(line));
      assert.deepEqual(problems, [], unit);
      const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=yes', unit], { encoding: 'utf8' });
      assert.ok(Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]) < 2.5, stdout.slice(-200));
    }
    rmSync(folder, { recursive: true });
  },
  { missing: missing('systemd-analyze') },
);
