import { fields } from './0001_reads.js';

/**
 * Reads preserved for a case [IV.F.2]: copies that outlive their day until the case's final disposition. One partition a case: disposal
 * drops it, and its bytes leave the disk at once.
 */
export const held = [
  `CREATE TABLE IF NOT EXISTS platestream.held_reads{{local}} {{on_cluster}} (
    ${fields},
    case_number String
  ) ENGINE = {{merge_tree}} PARTITION BY case_number ORDER BY (camera, captured_at) SETTINGS {{dedup_window}} = 10000, old_parts_lifetime = 5`,
  `{{distributed held_reads cityHash64(camera)}}`,
] as const;
