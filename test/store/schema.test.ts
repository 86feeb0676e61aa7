import { Session } from 'chdb';
import * as assert from 'uvu/assert';
import { columns } from '../../src/store/bulk_row.js';
import { openWarehouse } from '../../src/store/clickhouse.js';
import { forTopology } from '../../src/store/schema/engine.js';
import { migrate, migrations } from '../../src/store/schema/migrations.js';
import { scratchFolder } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('store schema');
const scratch = scratchFolder();
after(() => scratch.remove());
const account = { user: 'default', password: '' };

test('the bulk table has the policy fields, integrity and provenance, and nothing of a person; searches cannot write or reach a file [III.I, T4]', async () => {
  const warehouse = await openWarehouse({
    url: 'embedded',
    embeddedFolder: scratch.path,
    writer: account,
    searcher: account,
    searchSecondsMax: 5,
    searchMemoryBytesMax: 1 << 30,
    threadsMax: 1,
    requestMsMax: 5_000,
  });
  try {
    assert.ok((await migrate(warehouse, { cluster: undefined })).ok);
    const present = await warehouse.query<{ name: string }>(
      "SELECT name FROM system.columns WHERE database = 'platestream' AND table = 'reads' ORDER BY position",
    );
    assert.equal(
      present.map((c) => c.name),
      [...columns],
    );
    assert.not(columns.some((name) => /owner|face|person|driver|name|address|birth/.test(name)));
    assert.equal(await migrate(warehouse, { cluster: undefined }), { ok: true, value: { applied: [] } });
    const made = await warehouse.query<{ name: string; made: string }>(
      "SELECT name, create_table_query AS made FROM system.tables WHERE database = 'platestream' AND name != 'schema_migrations'",
    );
    assert.is(made.length, 3);
    for (const table of made)
      assert.match(
        table.made,
        /fsync_after_insert = 1, fsync_part_directory = 1/,
        `${table.name}: stored is on the disk`,
      );
    const changed = migrations.map((m) => ({ ...m, statements: [...m.statements, 'SELECT 1'] }));
    assert.not((await migrate(warehouse, { cluster: undefined }, changed)).ok, 'a changed migration is refused');
    assert.not((await migrate(warehouse, { cluster: undefined }, [])).ok, 'a newer schema is refused');
    for (const sql of [
      "SELECT * FROM file('/etc/hostname', 'LineAsString')",
      "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
      'DROP TABLE platestream.reads',
      'SELECT 1 SETTINGS readonly = 0',
    ]) {
      let refused = false;
      await warehouse.search(sql, {}).catch(() => {
        refused = true;
      });
      assert.ok(refused, sql);
    }
    assert.equal(
      await warehouse.query("SELECT name FROM system.tables WHERE database = 'system' AND name LIKE '%query_log%'"),
      [],
    );
  } finally {
    await warehouse.close();
  }
});

test('on a cluster the same schema is replicated and distributed', () => {
  const text = migrations.flatMap((m) => m.statements).map((s) => forTopology(s, { cluster: 'city' }));
  assert.ok(
    text.some((s) => s.includes("platestream.reads_local ON CLUSTER 'city'") && s.includes('ReplicatedMergeTree')),
  );
  assert.ok(text.some((s) => s.includes("Distributed('city', platestream, reads_local, cityHash64(camera))")));
  for (const name of ['held_reads', 'audit_log']) {
    assert.ok(
      text.some((s) => s.includes(`platestream.${name}_local ON CLUSTER 'city'`) && s.includes('ReplicatedMergeTree')),
    );
    assert.ok(text.some((s) => s.includes(`Distributed('city', platestream, ${name}_local`)));
  }
  assert.not(text.some((s) => s.includes('{{')));
});

test('ClickHouse itself reads every statement, of one server and of a cluster', async () => {
  const session = new Session();
  try {
    for (const cluster of [undefined, 'city'])
      for (const statement of migrations.flatMap((m) => m.statements)) {
        const sql = forTopology(statement, { cluster });
        if (sql === '') continue;
        const tree = await session.queryAsync(`EXPLAIN AST ${sql}`, { format: 'TSV' });
        assert.match(tree.text(), /^(Create|Alter)Query /, sql);
      }
    let refused = false;
    await session.queryAsync('EXPLAIN AST CREATE TABLE x ENGINE').catch(() => {
      refused = true;
    });
    assert.ok(refused, 'what is wrong is not read');
  } finally {
    session.close();
  }
});
