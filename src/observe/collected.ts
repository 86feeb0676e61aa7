import type { Metric, Registry } from 'prom-client';

/** One number of a metric; `metricName` differs from the metric's own for the parts of a histogram. */
export interface Series {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

export interface CollectedMetric {
  /** Without the prefix `platestream_`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels?: readonly string[];
  /** Called at each scrape. No series = the metric says nothing, never an old or invented number. */
  readonly series: () => readonly Series[];
}

/**
 * A metric whose numbers are kept elsewhere. prom-client's own classes start every metric without labels at 0, which would be a lie for
 * a part that is not there; the registry only asks for `get`.
 */
export function register(registry: Registry, metric: CollectedMetric): void {
  const name = `platestream_${metric.name}`;
  const { help, type, labels = [] } = metric;
  const get = async () => ({ name, help, type, aggregator: 'sum', values: metric.series() });
  registry.registerMetric({ name, help, type, labelNames: labels, get, reset() {} } as unknown as Metric);
}
