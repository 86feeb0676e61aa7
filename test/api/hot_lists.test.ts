import { strict as assert } from 'node:assert';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { type Department, openDepartment } from './department.js';

const { test, before, after } = suite('hot lists over HTTP');
let one: Department;
before(async () => {
  one = await openDepartment();
});
after(() => one.close());

const csv = (plates: readonly string[]) => `plate,category\n${plates.map((plate) => `${plate},warrant\n`).join('')}`;

test('an administrator hands over a list, sees what became of it, silences an entry; all on record, never a plate [III.M]', async () => {
  const chief = await one.signedIn('chief');
  const first = await chief.upload('/api/hot-lists/city/imports', csv(['1ZZZ11', '2YYY22']));
  assert.deepEqual([first.status, first.body['outcome'], first.body['kept']], [200, 'loaded', 2]);
  const status = await chief.get('/api/views/hot_lists');
  const [source] = status.body['sources'] as { name: string; kept: number; isStale: boolean }[];
  assert.deepEqual([source?.name, source?.kept, source?.isStale], ['city', 2, false]);

  const many = Array.from({ length: 99 }, (_, i) => `9T${i}X`);
  const refused = await chief.upload('/api/hot-lists/city/imports', `${csv(many)}bad line\n`);
  assert.equal((refused.body['refusal'] as { code: string }).code, 'COUNT_MOVED');
  const approved = await chief.upload('/api/hot-lists/city/imports?approve=a+new+county', `${csv(many)}bad line\n`);
  assert.deepEqual([approved.body['outcome'], approved.body['approvedBy']], ['loaded', 'chief: a new county']);
  const { body } = await chief.get('/api/hot-lists/city/rejects');
  assert.deepEqual(body['rejects'], [[101, 'wrong_cell_count']]);
  assert.equal(((await chief.get('/api/hot-lists/imports')).body['items'] as unknown[]).length, 3);

  const entryId = 'city-0123456789abcdef';
  const gone = await chief.send('DELETE', `/api/hot-lists/entries/${entryId}?why=found+by+its+owner`, undefined);
  assert.equal(gone.status, 200);
  const actions = new Map<string, number>();
  one.ledger.replay(1, ({ action }) => {
    actions.set(action, (actions.get(action) ?? 0) + 1);
    return undefined;
  });
  await until('on record', () =>
    ['list.handed_over', 'list.entry_removed', 'list.used'].every((name) => actions.has(name)),
  );
  const shown = JSON.stringify([first.body, status.body, refused.body, approved.body, body]);
  assert.ok(!/1ZZZ11|9T1X/.test(shown));
});

test('an operator hands nothing over and removes nothing; a source that is not configured takes nothing [III.M]', async () => {
  const operator = await one.signedIn('op');
  assert.equal((await operator.upload('/api/hot-lists/city/imports', 'plate,category\n')).status, 403);
  assert.equal((await operator.send('DELETE', '/api/hot-lists/entries/city-1?why=because', undefined)).status, 403);
  const chief = await one.signedIn('chief');
  const answer = await chief.upload('/api/hot-lists/elsewhere/imports', 'plate,category\n1ZZZ11,warrant\n');
  assert.deepEqual([answer.status, answer.body['code']], [422, 'INPUT_INVALID']);
});
