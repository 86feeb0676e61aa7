import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { parseConfig } from '../../src/config.js';
import { packagePath } from '../../src/package_root.js';
import { suite } from '../support/suite.js';

const { test } = suite('platestream.example.yaml');
const file = packagePath('platestream.example.yaml');

test('the example is a valid configuration, and states the defaults it claims', () => {
  const example = parseConfig(readFileSync(file, 'utf8'), file);
  assert.ok(example.ok, example.ok ? '' : example.error);
  const defaults = parseConfig('{}', 'defaults');
  assert.ok(defaults.ok);
  const { cameras: _, ...stated } = example.value;
  const { cameras: __, ...actual } = defaults.value;
  assert.deepEqual(stated, actual);
});

test('an unknown key is refused by name, a repeated camera id too', () => {
  const unknown = parseConfig('hotlist: {}\n', 'x.yaml');
  assert.ok(!unknown.ok && unknown.error.includes('"hotlist"'));
  const twice = parseConfig('cameras: [{id: a, url: x.mp4}, {id: a, url: y.mp4}]\n', 'x.yaml');
  assert.ok(!twice.ok && twice.error.includes('"a" is used twice'));
});
