import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '../../data/result.js';
import type { Warehouse } from '../clickhouse.js';
import { reads } from './0001_reads.js';
import { held } from './0002_held.js';
import { auditLog } from './0003_audit_log.js';
import { durable } from './0004_durable.js';
import { forTopology, type Topology } from './engine.js';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** Forward only: a published migration never changes; a change of the schema is a new number. */
export const migrations: readonly Migration[] = [
  { number: 1, name: 'reads', statements: reads },
  { number: 2, name: 'held_reads', statements: held },
  { number: 3, name: 'audit_log', statements: auditLog },
  { number: 4, name: 'durable', statements: durable },
];

/** SHA-256 hex of the migration as written, before macros: the same on a laptop and on a cluster. */
function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.statements.join(';\n')).digest('hex');
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** Brings the database to the newest schema; refuses one that was changed behind our back or is newer than this program. */
export async function migrate(
  warehouse: Warehouse,
  topology: Topology,
  wanted: readonly Migration[] = migrations,
): Promise<Result<{ readonly applied: readonly number[] }, string>> {
  for (const statement of bookkeeping) await warehouse.command(forTopology(statement, topology));
  const present = await warehouse.query<Applied>(
    'SELECT number, name, checksum FROM platestream.schema_migrations ORDER BY number',
  );
  const wrong = firstDifference(present, wanted);
  if (wrong) return fail(wrong);
  const missing = wanted.filter((m) => !present.some((p) => Number(p.number) === m.number));
  for (const migration of missing) await apply(warehouse, topology, migration);
  return ok({ applied: missing.map((m) => m.number) });
}

const bookkeeping = [
  'CREATE DATABASE IF NOT EXISTS platestream {{on_cluster}}',
  `CREATE TABLE IF NOT EXISTS platestream.schema_migrations {{on_cluster}}
   (number UInt32, name String, checksum String, applied_at DateTime DEFAULT now())
   ENGINE = {{merge_tree}} ORDER BY number`,
] as const;

function firstDifference(present: readonly Applied[], wanted: readonly Migration[]): string | null {
  for (const row of present) {
    const known = wanted.find((m) => m.number === Number(row.number));
    if (!known)
      return `the bulk store has schema ${row.number} (${row.name}), newer than this program; use a newer version`;
    if (checksum(known) !== row.checksum)
      return `the bulk store's schema ${row.number} (${row.name}) is not the one this program has; restore it or start with an empty data directory`;
  }
  return null;
}

/** Every statement may be run again, so a migration cut off half-way is simply begun anew. */
async function apply(warehouse: Warehouse, topology: Topology, migration: Migration): Promise<void> {
  for (const statement of migration.statements) {
    const sql = forTopology(statement, topology);
    if (sql !== '') await warehouse.command(sql);
  }
  await warehouse.insert({
    table: 'platestream.schema_migrations',
    columns: ['number', 'name', 'checksum'],
    format: 'JSONCompactEachRow',
    token: `migration-${migration.number}-${checksum(migration)}`,
    body: Buffer.from(`${JSON.stringify([migration.number, migration.name, checksum(migration)])}\n`),
  });
}
