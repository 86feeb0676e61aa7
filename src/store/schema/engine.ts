/** Where the tables live: one server (or embedded), or a cluster with replicas behind a Distributed table. */
export interface Topology {
  readonly cluster: string | undefined;
}

/**
 * Replaces the four macros of the schema, so that the same text serves a laptop and a cluster:
 * `{{on_cluster}}`, `{{merge_tree}}`, `{{local}}` (suffix of a table that holds rows) and `{{distributed NAME KEY}}` (the statement that
 * puts one name over all shards; nothing on one server).
 */
export function forTopology(sql: string, { cluster }: Topology): string {
  const distributed = /\{\{distributed (\w+) ([^}]+)\}\}/g;
  return sql
    .replaceAll('{{on_cluster}}', cluster ? `ON CLUSTER '${cluster}'` : '')
    .replaceAll(
      '{{merge_tree}}',
      cluster ? `ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')` : 'MergeTree',
    )
    .replaceAll('{{dedup_window}}', cluster ? 'replicated_deduplication_window' : 'non_replicated_deduplication_window')
    .replaceAll('{{local}}', localSuffix({ cluster }))
    .replace(distributed, (_, name: string, key: string) =>
      cluster
        ? `CREATE TABLE IF NOT EXISTS platestream.${name} ON CLUSTER '${cluster}' AS platestream.${name}_local ` +
          `ENGINE = Distributed('${cluster}', platestream, ${name}_local, ${key})`
        : '',
    );
}

export function localSuffix({ cluster }: Topology): string {
  return cluster ? '_local' : '';
}
