import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packagePath } from '../../src/package_root.js';
import { shippedPolicy } from '../policy/world.js';
import { filesBelow } from '../support/files.js';
import { suite } from '../support/suite.js';

const { test } = suite('the built console');
const folder = packagePath('dist', 'console');
const page = readFileSync(join(folder, 'index.html'), 'utf8');

test('the first load is at most 150 kB of compressed script', () => {
  const first = [...page.matchAll(/src="\/([^"]+\.js)"/g)].map(([, file]) =>
    readFileSync(join(folder, file as string)),
  );
  assert.ok(first.length > 0);
  const bytes = first.reduce((sum, script) => sum + gzipSync(script).length, 0);
  assert.ok(bytes <= 150_000, `${bytes} bytes`);
});

test('no inline script or style, no address of anybody else', () => {
  assert.doesNotMatch(page, /<style|style="|<script(?![^>]*src=)|\son\w+=/);
  for (const file of ['index.html', ...filesBelow(folder, '.css')]) {
    assert.doesNotMatch(readFileSync(join(folder, file), 'utf8'), /https?:\/\/(?!www\.w3\.org\/)/, file);
  }
});

test('every command a person may give has a place in the console', () => {
  const source = packagePath('src', 'console');
  const files = filesBelow(source, '.tsx').concat(filesBelow(source, '.ts'));
  const text = files.map((file) => readFileSync(join(source, file), 'utf8')).join('\n');
  const ofPersons = Object.entries(shippedPolicy.commands).filter(([, { roles }]) =>
    roles.some((one) => one !== 'system'),
  );
  assert.ok(ofPersons.length > 60);
  const nowhere = ofPersons.map(([action]) => action).filter((action) => !text.includes(`'${action}'`));
  assert.deepEqual(nowhere, []);
});
