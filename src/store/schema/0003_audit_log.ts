/**
 * What the ledger says of searches and acts, for auditors to ask: a projection that can be rebuilt from the ledger at any time and is
 * compared with it; never the record itself. Kept as long as the ledger has to be (seven years).
 */
export const auditLog = [
  `CREATE TABLE IF NOT EXISTS platestream.audit_log{{local}} {{on_cluster}} (
    seq UInt64 CODEC(Delta, ZSTD(1)),
    at_ms UInt64 CODEC(Delta, ZSTD(1)),
    action LowCardinality(String),
    asked LowCardinality(String),
    ref UInt64 CODEC(ZSTD(1)),
    actor_id LowCardinality(String),
    actor_name String CODEC(ZSTD(1)),
    decision LowCardinality(String),
    code LowCardinality(String),
    object_id String CODEC(ZSTD(1)),
    plates Array(String) CODEC(ZSTD(1)),
    case_no String CODEC(ZSTD(1)),
    basis LowCardinality(String),
    facts String CODEC(ZSTD(1)),
    cameras UInt32 CODEC(ZSTD(1)),
    from_ms UInt64 CODEC(ZSTD(1)),
    to_ms UInt64 CODEC(ZSTD(1)),
    result_rows Int64 CODEC(ZSTD(1)),
    line_hash String CODEC(ZSTD(1))
  ) ENGINE = {{merge_tree}} ORDER BY seq
  TTL toDateTime(intDiv(at_ms, 1000)) + INTERVAL 2555 DAY DELETE SETTINGS old_parts_lifetime = 5`,
  `{{distributed audit_log seq}}`,
] as const;
