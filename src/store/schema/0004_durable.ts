/**
 * A batch leaves the spool once it is stored, so a stored part has to be on the disk and not only in the kernel's memory. A merged part of
 * `reads` is not synced: the parts that it came from lie on the disk for eight minutes more. Those of the other two go after seconds.
 */
const synced = 'fsync_after_insert = 1, fsync_part_directory = 1';
const syncedAfterMerge = `${synced}, min_rows_to_fsync_after_merge = 1`;

export const durable = [
  `ALTER TABLE platestream.reads{{local}} {{on_cluster}} MODIFY SETTING ${synced}`,
  `ALTER TABLE platestream.held_reads{{local}} {{on_cluster}} MODIFY SETTING ${syncedAfterMerge}`,
  `ALTER TABLE platestream.audit_log{{local}} {{on_cluster}} MODIFY SETTING ${syncedAfterMerge}`,
] as const;
