import { type Dashboard, orZero } from './panel.js';

/** Is everything well, and if not, where? */
export const fleet: Dashboard = {
  uid: 'platestream-fleet',
  title: 'platestream: fleet',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Cameras playing',
          about: 'Cameras that deliver pictures. The rest wait, connect, or are out of service.',
          kind: 'stat',
          unit: 'short',
          width: 4,
          queries: [{ expr: orZero('sum(platestream_camera_state{state="playing"})'), legend: 'playing' }],
        },
        {
          title: 'Cameras lost',
          about: 'Cameras that should deliver pictures and do not.',
          kind: 'stat',
          unit: 'short',
          width: 4,
          worse: [1, 3],
          queries: [
            { expr: orZero('sum(platestream_camera_state{state=~"connecting|waiting|stopped"})'), legend: 'lost' },
          ],
        },
        {
          title: 'Engines',
          about: 'Engine processes that report. 0: no frame is looked at.',
          kind: 'stat',
          unit: 'short',
          width: 4,
          queries: [{ expr: 'platestream_engines_running', legend: 'engines' }],
        },
        {
          title: 'Frames lost',
          about:
            'Share of frames that were shed or failed. Above 1 %: too many cameras, or another program takes the cores.',
          kind: 'stat',
          unit: 'percentunit',
          width: 4,
          worse: [0.01, 0.05],
          queries: [{ expr: 'platestream:frames_lost:ratio', legend: 'lost' }],
        },
        {
          title: 'Alerts nobody has judged',
          about: 'Potential hits that wait for a person.',
          kind: 'stat',
          unit: 'short',
          width: 4,
          worse: [20, 100],
          queries: [{ expr: 'platestream_alerts_unacknowledged', legend: 'waiting' }],
        },
        {
          title: 'Consoles connected',
          about: 'Clients of the alert feed. 0: an alert would be seen by nobody.',
          kind: 'stat',
          unit: 'short',
          width: 4,
          queries: [{ expr: 'platestream_alert_feed_clients', legend: 'clients' }],
        },
      ],
    },
    {
      title: 'Alerts',
      panels: [
        {
          title: 'Capture to alert',
          about: 'From the capture of the best frame to the journalled alert. The aim is one second.',
          kind: 'timeseries',
          unit: 's',
          width: 12,
          queries: [0.5, 0.95, 0.99].map((share) => ({
            expr: `histogram_quantile(${share}, sum by (le) (rate(platestream_capture_to_alert_seconds_bucket[$__rate_interval])))`,
            legend: `p${share * 100}`,
          })),
        },
        {
          title: 'Reads and alerts',
          about: 'Vehicle passes that were read, and those that a person must see.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [
            { expr: 'sum(rate(platestream_read_reports_total{stage="final"}[$__rate_interval]))', legend: 'reads' },
            { expr: 'sum(rate(platestream_alerts_raised_total[$__rate_interval]))', legend: 'alerts' },
          ],
        },
        {
          title: 'Matches by kind',
          about: 'exact: the text of the read; possible: one of its likely alternatives.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [{ expr: 'sum by (kind) (rate(platestream_matches_total[$__rate_interval]))', legend: '{{kind}}' }],
        },
        {
          title: 'Matches that were not raised',
          about: 'By reason. list_expired: the hot list is too old to be used.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: orZero('sum by (reason) (rate(platestream_matches_suppressed_total[$__rate_interval]))'),
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Record and sign-in',
      panels: [
        {
          title: 'Time until a record is durable',
          about:
            'From asking the ledger to its fdatasync. Every command, search and sign-in waits for it; alerts do not.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          queries: [0.5, 0.99].map((share) => ({
            expr: `histogram_quantile(${share}, sum by (le) (rate(platestream_ledger_append_seconds_bucket[5m])))`,
            legend: `p${share * 100}`,
          })),
        },
        {
          title: 'Records',
          about:
            'waiting: for the disk; not recorded: turned away or lost to a fault, so what asked for them was not done.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          worse: [100, 1000],
          queries: [
            { expr: 'platestream_ledger_append_waiting', legend: 'waiting' },
            { expr: 'platestream_ledger_not_recorded_total', legend: 'not recorded' },
          ],
        },
        {
          title: 'Sign-ins refused',
          about: 'By reason. Many auth_failed or rate_limited: somebody guesses; the audit says from where.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          queries: [{ expr: 'sum by (reason) (increase(platestream_auth_failures_total[15m]))', legend: '{{reason}}' }],
        },
      ],
    },
    {
      title: 'Cameras',
      panels: [
        {
          title: 'Frames captured by camera',
          about: 'A camera whose line falls to zero delivers no pictures.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [{ expr: 'platestream:frames_captured:rate', legend: '{{camera}}' }],
        },
        {
          title: 'Cameras by state',
          about: 'Every camera is in exactly one state.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [{ expr: 'sum by (state) (platestream_camera_state)', legend: '{{state}}' }],
        },
        {
          title: 'Share of the last half hour that a camera played',
          about: 'Cameras in service. One that comes and goes is below 1 without ever being lost for long.',
          kind: 'timeseries',
          unit: 'percentunit',
          width: 24,
          queries: [{ expr: 'platestream:camera_played:ratio', legend: '{{camera}}' }],
        },
        {
          title: 'Unaccounted frames',
          about: 'captured = in flight + read + empty + dropped + failed. Anything but 0 is a bug: report it.',
          kind: 'timeseries',
          unit: 'short',
          width: 24,
          worse: [1, 1],
          queries: [{ expr: 'platestream:frames_unaccounted', legend: '{{camera}}' }],
        },
      ],
    },
  ],
};

/** One camera, chosen above. */
export const oneCamera: Dashboard = {
  uid: 'platestream-camera',
  title: 'platestream: one camera',
  perCamera: true,
  rows: [
    {
      title: '$camera',
      panels: [
        {
          title: 'State',
          about: 'What the camera does now.',
          kind: 'table',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'platestream_camera_state{camera="$camera"}', legend: '{{state}}' }],
        },
        {
          title: 'Frames captured',
          about: 'Frames taken for analysis; the configured analysedFps when all is well.',
          kind: 'timeseries',
          unit: 'ops',
          width: 18,
          queries: [
            { expr: 'rate(platestream_frames_captured_total{camera="$camera"}[$__rate_interval])', legend: 'captured' },
          ],
        },
        {
          title: 'How frames ended',
          about: 'read: a plate was found; empty: nothing to find; dropped: shed under load; failed: an error.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: 'sum by (outcome) (rate(platestream_frames_total{camera="$camera"}[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Why',
          about:
            'Reasons of all outcomes. no_motion: the road stood still; no_slot: earlier frames were still in work; late: it had waited too long; overload: not decoded, so that others come through.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: 'sum by (outcome, reason) (rate(platestream_frames_total{camera="$camera"}[$__rate_interval]))',
              legend: '{{outcome}}: {{reason}}',
            },
          ],
        },
        {
          title: 'In flight',
          about: 'Frames of this camera that are being worked on; at most its slots.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [{ expr: 'platestream_frames_in_flight{camera="$camera"}', legend: 'in flight' }],
        },
        {
          title: 'Unaccounted frames',
          about: 'Anything but 0 is a bug: report it.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          worse: [1, 1],
          queries: [{ expr: 'platestream:frames_unaccounted{camera="$camera"}', legend: 'unaccounted' }],
        },
      ],
    },
  ],
};

const stageQuantile = (share: number) =>
  `histogram_quantile(${share}, sum by (stage, le) (rate(platestream_stage_duration_seconds_bucket[$__rate_interval])))`;

/** Inside the engines and behind them. */
export const pipeline: Dashboard = {
  uid: 'platestream-pipeline',
  title: 'platestream: pipeline',
  rows: [
    {
      title: 'Frames',
      panels: [
        {
          title: 'Time a stage takes, p99',
          about: 'queue is waiting for a thread: when it grows, the inference threads are the limit.',
          kind: 'timeseries',
          unit: 's',
          width: 12,
          queries: [{ expr: stageQuantile(0.99), legend: '{{stage}}' }],
        },
        {
          title: 'Time a stage takes, median',
          about: 'The usual cost of a frame.',
          kind: 'timeseries',
          unit: 's',
          width: 12,
          queries: [{ expr: stageQuantile(0.5), legend: '{{stage}}' }],
        },
        {
          title: 'Work by stage',
          about: 'Seconds of work a second, that is, cores; without the time spent waiting.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [{ expr: 'platestream:stage_busy:rate{stage!="queue"}', legend: '{{stage}}' }],
        },
        {
          title: 'Frames shed, by reason',
          about:
            'no_slot: earlier frames of the camera were still in work; late: it had waited too long; overload: not decoded, so that others come through.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: orZero('sum by (reason) (rate(platestream_frames_total{outcome="dropped"}[$__rate_interval]))'),
              legend: '{{reason}}',
            },
          ],
        },
        {
          title: 'Frames failed, by reason',
          about: 'engine_lost: the engine died with the frame in work.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: orZero('sum by (reason) (rate(platestream_frames_total{outcome="failed"}[$__rate_interval]))'),
              legend: '{{reason}}',
            },
          ],
        },
        {
          title: 'Slots in use',
          about: 'All in use: frames are shed.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [
            { expr: 'platestream_frame_slots_in_use', legend: 'in use' },
            { expr: 'platestream_frame_slots', legend: 'exist' },
            { expr: 'platestream_frames_waiting', legend: 'wait for a thread' },
          ],
        },
      ],
    },
    {
      title: 'Reads on their way',
      panels: [
        {
          title: 'Engines to control',
          about: 'Reports that wait: in memory, on the disks of engines, lost because a disk was full.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [
            { expr: 'platestream_engine_reports_unsent', legend: 'unsent' },
            { expr: 'platestream_engine_reports_spooled', legend: 'spooled' },
            { expr: 'platestream_engine_reports_lost_total', legend: 'lost' },
          ],
        },
        {
          title: 'Bus',
          about: 'Reports of engines on other machines that Redis holds and control has not made durable yet.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [
            { expr: orZero('platestream_bus_backlog_reports'), legend: 'waiting' },
            { expr: orZero('platestream_bus_refused_reports_total'), legend: 'refused' },
          ],
        },
        {
          title: 'Engines elsewhere that are silent',
          about: 'Engines on other machines that have said nothing for some seconds.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          worse: [1, 1],
          queries: [{ expr: orZero('platestream_engines_silent'), legend: 'silent' }],
        },
        {
          title: 'Control to the bulk store',
          about: 'Reads that are safe on disk and not yet searchable: the lag of the store.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [{ expr: 'platestream_store_spool_reads', legend: 'waiting' }],
        },
        {
          title: 'Reads stored',
          about: 'appended: durable on disk; stored: searchable.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [
            { expr: 'rate(platestream_store_appended_reads_total[$__rate_interval])', legend: 'appended' },
            { expr: 'rate(platestream_store_stored_reads_total[$__rate_interval])', legend: 'stored' },
          ],
        },
        {
          title: 'Trouble of the bulk store',
          about: 'Retries come and go; a rejected read is kept aside for a person.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [
            { expr: 'platestream_store_retries_total', legend: 'retries' },
            { expr: orZero('platestream_store_rejected_reads_total'), legend: 'rejected, {{reason}}' },
            { expr: 'platestream_store_images_refused_total', legend: 'without images' },
          ],
        },
      ],
    },
  ],
};
