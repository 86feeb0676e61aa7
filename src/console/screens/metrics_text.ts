/** One sample of the Prometheus text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The samples of a scrape; comments and what is no sample are left out. */
export function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((row) => {
    const found = row.startsWith('#') ? null : line.exec(row);
    if (!found) return [];
    const labels = Object.fromEntries([...(found[2] ?? '').matchAll(label)].map(([, key, value]) => [key, value]));
    return [{ name: found[1] as string, labels, value: Number(found[3]) }];
  });
}

export function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  return samples
    .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .reduce((sum, one) => sum + one.value, 0);
}

/**
 * The value below which so great a share of a histogram's observations lie: the upper bound of the bucket in which it falls, as
 * `histogram_quantile` without interpolation. @returns `null` when nothing was observed.
 */
export function quantileOf(samples: readonly Sample[], histogram: string, share: number): number | null {
  const buckets = new Map<number, number>();
  for (const { name, labels, value } of samples) {
    if (name !== `${histogram}_bucket`) continue;
    const bound = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
    buckets.set(bound, (buckets.get(bound) ?? 0) + value);
  }
  const ordered = [...buckets].sort(([a], [b]) => a - b);
  const total = ordered.at(-1)?.[1] ?? 0;
  if (total === 0) return null;
  return ordered.find(([, count]) => count >= share * total)?.[0] ?? null;
}
