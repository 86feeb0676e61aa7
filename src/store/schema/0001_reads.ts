/** What a read is, wherever it is kept. */
export const fields = `captured_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    camera LowCardinality(String),
    latitude_e6 Nullable(Int32) CODEC(Delta, ZSTD(1)),
    longitude_e6 Nullable(Int32) CODEC(Delta, ZSTD(1)),
    plate String CODEC(ZSTD(1)),
    state LowCardinality(String),
    state_confidence_percent UInt8 CODEC(ZSTD(1)),
    confidence_e4 UInt16 CODEC(ZSTD(1)),
    alternative_plates Array(String) CODEC(ZSTD(1)),
    alternative_percents Array(UInt8) CODEC(ZSTD(1)),
    direction Enum8('unknown' = 0, 'approaching' = 1, 'receding' = 2, 'left' = 3, 'right' = 4, 'still' = 5) CODEC(ZSTD(1)),
    dwell_ms UInt32 CODEC(T64, ZSTD(1)),
    capture_clock Enum8('receive' = 0, 'rtcp' = 1, 'file' = 2) CODEC(ZSTD(1)),
    pass_run LowCardinality(String),
    pass_number UInt32 CODEC(Delta, ZSTD(1)),
    image_pack UInt32 CODEC(Delta, ZSTD(1)),
    image_offset UInt32 CODEC(Delta, ZSTD(1)),
    evidence_digest_high UInt32 CODEC(NONE),
    evidence_digest_low UInt64 CODEC(NONE),
    model LowCardinality(String),
    list_version UInt32 CODEC(Delta, ZSTD(1))`;

/**
 * Bulk reads: exactly the policy's fields [III.I] (plate, time, GPS, camera, vehicle image) plus state, confidence, alternatives,
 * direction, dwell, integrity and provenance. No owner, no face, no name.
 *
 * Rows lie in the order of camera and time (neighbours in time compress well, a camera's window is one range); `by_plate` is an
 * index, not a copy: sorted plates and where their rows are. Blocks are small because a search for one plate reads a few rows of
 * each column from many places. Measured: see docs/search.md.
 */
export const reads = [
  `CREATE TABLE IF NOT EXISTS platestream.reads{{local}} {{on_cluster}} (
    ${fields},
    PROJECTION by_plate (SELECT plate, _part_offset ORDER BY plate)
  ) ENGINE = {{merge_tree}}
  PARTITION BY toDate(captured_at)
  ORDER BY (camera, captured_at)
  TTL toDateTime(captured_at) + INTERVAL 30 DAY DELETE
  SETTINGS index_granularity = 1024, min_compress_block_size = 4096, max_compress_block_size = 16384, default_compression_codec = 'ZSTD(1)',
    {{dedup_window}} = 10000, ttl_only_drop_parts = 1, old_parts_lifetime = 5, allow_part_offset_column_in_projections = 1`,
  `{{distributed reads cityHash64(camera)}}`,
] as const;
