import type { Registry } from 'prom-client';
import { register, type Series } from './collected.js';
import type { Durations } from './durations.js';
import { type AllStageTimes, stageBounds } from './stage_times.js';

/** How long each stage takes a frame, over all engines and their runs. */
export function stageMetric(registry: Registry, times: () => AllStageTimes): void {
  register(registry, {
    name: 'stage_duration_seconds',
    help: 'Time of one frame in one stage; decode counts every frame of the stream, queue is waiting for a thread',
    type: 'histogram',
    labels: ['stage'],
    series: () =>
      Object.entries(times()).flatMap(([stage, one]) =>
        histogramOf('stage_duration_seconds', { stage }, stageBounds, one),
      ),
  });
}

/** Upper bounds, seconds: from a quick disk to one that is about to fail. */
export const ledgerBounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] as const;

/** How long whoever appends to the ledger waits until the record is durable. */
export function ledgerMetric(registry: Registry, times: () => Durations | null): void {
  register(registry, {
    name: 'ledger_append_seconds',
    help: 'From asking for a record to its being durable: waiting for its turn, writing, fdatasync',
    type: 'histogram',
    series: () => {
      const one = times();
      return one ? histogramOf('ledger_append_seconds', {}, ledgerBounds, one) : [];
    },
  });
}

function histogramOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  { seconds, count, buckets }: Durations,
): Series[] {
  const part = (suffix: string) => `platestream_${name}_${suffix}`;
  let below = 0;
  const bounded = bounds.map((bound, i) => {
    below += buckets[i] ?? 0;
    return { metricName: part('bucket'), labels: { ...labels, le: bound }, value: below };
  });
  return [
    ...bounded,
    { metricName: part('bucket'), labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: part('sum'), labels, value: seconds },
    { metricName: part('count'), labels, value: count },
  ];
}
