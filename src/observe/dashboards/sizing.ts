import type { Dashboard } from './panel.js';

const control = 'rate(process_cpu_seconds_total{job="platestream"}[$__rate_interval])';
const engine = 'rate(platestream_engine_cpu_seconds_total[$__rate_interval])';
const captured = 'sum(rate(platestream_frames_captured_total[$__rate_interval]))';

/** How much of this machine is used, and how many more cameras would fit. */
export const sizing: Dashboard = {
  uid: 'platestream-sizing',
  title: 'platestream: sizing',
  rows: [
    {
      title: 'Load',
      panels: [
        {
          title: 'Cores in use',
          about: 'Compare with the cores this machine has.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [
            { expr: engine, legend: 'engines' },
            { expr: control, legend: 'control' },
          ],
        },
        {
          title: 'Memory',
          about: 'Flat under overload: frames in work are bounded by slots.',
          kind: 'timeseries',
          unit: 'bytes',
          width: 12,
          queries: [
            { expr: 'platestream_engine_resident_bytes', legend: 'engines' },
            { expr: 'process_resident_memory_bytes{job="platestream"}', legend: 'control' },
          ],
        },
        {
          title: 'Frames a second',
          about: 'All cameras together.',
          kind: 'timeseries',
          unit: 'ops',
          width: 8,
          queries: [{ expr: captured, legend: 'captured' }],
        },
        {
          title: 'Cost of a frame',
          about:
            'Core seconds of engines and control for one captured frame. `platestream bench cameras` measures it on an idle machine.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          queries: [{ expr: `(sum(${engine}) + sum(${control})) / ${captured}`, legend: 'a frame' }],
        },
        {
          title: 'Slots in use',
          about: 'Share of the frame slots that hold a frame. Near 1: no more cameras fit.',
          kind: 'timeseries',
          unit: 'percentunit',
          width: 8,
          worse: [0.7, 0.95],
          queries: [{ expr: 'platestream_frame_slots_in_use / platestream_frame_slots', legend: 'in use' }],
        },
        {
          title: 'Frames lost',
          about: 'The first sign of too many cameras.',
          kind: 'timeseries',
          unit: 'percentunit',
          width: 12,
          worse: [0.01, 0.05],
          queries: [{ expr: 'platestream:frames_lost:ratio', legend: 'lost' }],
        },
        {
          title: "Lateness of control's event loop, p99",
          about: 'Alerts pass through it. Above 0.1 s: control has too much to do.',
          kind: 'timeseries',
          unit: 's',
          width: 12,
          worse: [0.05, 0.1],
          queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds{job="platestream"}', legend: 'lag' }],
        },
      ],
    },
  ],
};
