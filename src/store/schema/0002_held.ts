/** Reads preserved for a case [IV.F.2]: a copy that outlives its day's partition until the case's final disposition. */
export const held = [
  `CREATE TABLE IF NOT EXISTS platestream.held_reads{{local}} {{on_cluster}} AS platestream.reads{{local}}
  ENGINE = {{merge_tree}} ORDER BY (camera, captured_at) SETTINGS {{dedup_window}} = 10000`,
  `ALTER TABLE platestream.held_reads{{local}} {{on_cluster}} ADD COLUMN IF NOT EXISTS case_number String`,
  `{{distributed held_reads cityHash64(camera)}}`,
] as const;
