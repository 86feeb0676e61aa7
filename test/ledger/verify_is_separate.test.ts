import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { packagePath } from '../../src/package_root.js';
import { suite } from '../support/suite.js';

const { test } = suite('the verifier');

test('imports nothing but Node itself, so it shares no mistake with the writer [IV.C.6.b]', () => {
  const text = readFileSync(packagePath('src', 'ledger', 'verify.ts'), 'utf8');
  const imported = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((found) => found[1] as string);
  assert.ok(imported.length >= 2);
  assert.deepEqual(
    imported.filter((name) => !name.startsWith('node:')),
    [],
  );
});
