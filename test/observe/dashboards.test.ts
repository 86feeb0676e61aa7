import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { dashboards, grafanaJson } from '../../src/observe/dashboards/grafana.js';
import { allMetrics } from '../../src/observe/metrics_page.js';
import { packagePath } from '../../src/package_root.js';
import { missing } from '../support/missing.js';
import { promtool } from '../support/prometheus.js';
import { suite } from '../support/suite.js';

const { test } = suite('dashboards and rules');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly runbook?: string; readonly summary?: string };
}

const rulesFile = packagePath('deploy', 'prometheus', 'rules.yml');
const { groups } = parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

test('grafana/dashboards is what the code says (npm run docs:metrics)', () => {
  const folder = packagePath('grafana', 'dashboards');
  assert.deepEqual(readdirSync(folder).sort(), dashboards.map(({ uid }) => `${uid}.json`).sort());
  for (const dashboard of dashboards) {
    assert.equal(readFileSync(join(folder, `${dashboard.uid}.json`), 'utf8'), grafanaJson(dashboard), dashboard.uid);
  }
});

test('panels lie beside each other, never on each other', () => {
  for (const dashboard of dashboards) {
    const { panels } = JSON.parse(grafanaJson(dashboard)) as {
      panels: { gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[];
    };
    const taken = new Set<string>();
    for (const { gridPos } of panels) {
      assert.ok(gridPos.x + gridPos.w <= 24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!taken.has(`${x},${y}`), `${dashboard.uid}: two panels at ${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
    }
  }
});

test('every metric a panel or a rule names exists', () => {
  const known = new Set(
    allMetrics().flatMap(({ name, type }) =>
      type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
    ),
  );
  for (const { record } of rules) if (record) known.add(record);
  const panels = dashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const all = [...rules.map(({ expr }) => expr), ...panels.flatMap(({ queries }) => queries.map(({ expr }) => expr))];
  for (const expr of all) {
    for (const [name] of expr.matchAll(/platestream[_:][a-z0-9_:]+/g))
      assert.ok(known.has(name), `${name} in: ${expr}`);
  }
});

test('every alert says how urgent it is and names a runbook; every runbook belongs to an alert', () => {
  const alerts = rules.filter((rule) => rule.alert);
  const named = alerts.map(({ alert, labels, annotations }) => {
    assert.ok(['page', 'ticket'].includes(labels?.severity ?? ''), alert);
    assert.ok((annotations?.summary ?? '').endsWith('.'), alert);
    const runbook = annotations?.runbook ?? '';
    assert.match(readFileSync(packagePath(runbook), 'utf8'), new RegExp(`^# ${alert}\n`), runbook);
    return runbook.slice('docs/runbooks/'.length);
  });
  assert.deepEqual(readdirSync(packagePath('docs', 'runbooks')).sort(), named.sort());
});

test(
  'promtool: configuration and rules are valid, every alert has a unit test that passes',
  () => {
    for (const args of [
      ['check', 'config', packagePath('deploy', 'prometheus', 'prometheus.yml')],
      ['check', 'rules', rulesFile],
      ['test', 'rules', packagePath('deploy', 'prometheus', 'rules.test.yml')],
    ]) {
      const { ok, output } = promtool(...args);
      assert.ok(ok, output);
    }
    const tested = readFileSync(packagePath('deploy', 'prometheus', 'rules.test.yml'), 'utf8');
    for (const { alert } of rules)
      if (alert) assert.ok(tested.includes(`alertname: ${alert}\n`), `${alert} has no unit test`);
  },
  { missing: missing('prometheus') },
);
