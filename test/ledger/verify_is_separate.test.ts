import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { filesBelow } from '../support/files.js';
import { suite } from '../support/suite.js';

const { test } = suite('the verifier');

test('imports nothing but itself and Node, so it shares no mistake with the writer [IV.C.6.b]', () => {
  const folder = packagePath('src', 'ledger', 'verify');
  const files = filesBelow(folder, '.ts');
  assert.ok(files.includes('verify.ts') && files.includes('walk.ts'));
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    const imported = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((found) => found[1] as string);
    const foreign = imported.filter((name) => !name.startsWith('node:') && !/^\.\/\w+\.js$/.test(name));
    assert.deepEqual(foreign, [], file);
  }
});
