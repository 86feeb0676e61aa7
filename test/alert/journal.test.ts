import { strict as assert } from 'node:assert';
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../src/alert/journal.js';
import { suite } from '../support/suite.js';

const { test } = suite('alert journal');
const newFile = () => join(mkdtempSync(join(tmpdir(), 'platestream-journal-')), 'alerts.jsonl');

function entriesOf(file: string): number[] {
  const found: number[] = [];
  openJournal<{ n: number }>(file, ({ n }) => found.push(n)).close();
  return found;
}

test('what was appended is there after a restart, whatever a torn last line looks like', () => {
  const file = newFile();
  const journal = openJournal<{ n: number }>(file, () => {});
  for (let n = 1; n <= 3; n++) journal.append({ n });
  journal.close();
  for (const tail of ['', 'dead', 'deadbeef {"n":', 'deadbeef {"n":4}\n']) {
    appendFileSync(file, tail);
    assert.deepEqual(entriesOf(file), [1, 2, 3]);
  }
  const again = openJournal<{ n: number }>(file, () => {});
  again.append({ n: 4 });
  again.close();
  assert.deepEqual(entriesOf(file), [1, 2, 3, 4]);
});

test('damage before the last line is refused, naming the line', () => {
  const file = newFile();
  const journal = openJournal<{ n: number }>(file, () => {});
  for (let n = 1; n <= 3; n++) journal.append({ n });
  journal.close();
  const lines = readFileSync(file, 'utf8').split('\n');
  lines[0] = (lines[0] as string).replace('1}', '7}');
  writeFileSync(file, lines.join('\n'));
  assert.throws(() => entriesOf(file), /line 1 is damaged/);
});
