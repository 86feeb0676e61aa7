/** What became of reads on their way into the bulk store. */
export interface WriterCounts {
  appended: number;
  stored: number;
  repeated: number;
  batches: number;
  retries: number;
  /** Rows that the store can never take, by its reason; they are kept aside in the spool. */
  readonly rejected: Map<string, number>;
  damagedGroups: number;
  /** Since when the store has refused writes, monotonic ms; null while it takes them. */
  failingSinceMs: number | null;
  failure: string | null;
}

export function noCounts(): WriterCounts {
  return {
    appended: 0,
    stored: 0,
    repeated: 0,
    batches: 0,
    retries: 0,
    rejected: new Map(),
    damagedGroups: 0,
    failingSinceMs: null,
    failure: null,
  };
}

/** Rows that were kept aside, for whatever reason. */
export function rejectedRows({ rejected }: Pick<WriterCounts, 'rejected'>): number {
  return [...rejected.values()].reduce((sum, rows) => sum + rows, 0);
}
