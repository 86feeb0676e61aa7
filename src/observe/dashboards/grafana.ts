import { administrator } from './administrator.js';
import { fleet, oneCamera, pipeline } from './operations.js';
import type { Dashboard, Panel } from './panel.js';
import { sizing } from './sizing.js';

export const dashboards: readonly Dashboard[] = [fleet, oneCamera, pipeline, administrator, sizing];

const datasource = { type: 'prometheus', uid: 'platestream-prometheus' };
const height = { stat: 5, table: 6, timeseries: 8 } as const;

/** A dashboard as Grafana (schema 39, Grafana 10 and later) loads it from a file. */
export function grafanaJson(dashboard: Dashboard): string {
  const { uid, title, perCamera = false } = dashboard;
  const templating = { list: perCamera ? [cameraVariable] : [] };
  const time = { from: 'now-1h', to: 'now' };
  const panels = placed(dashboard);
  const whole = {
    uid,
    title,
    tags: ['platestream'],
    schemaVersion: 39,
    editable: false,
    refresh: '10s',
    time,
    templating,
    annotations: { list: [] },
    panels,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

const cameraVariable = {
  name: 'camera',
  label: 'Camera',
  type: 'query',
  datasource,
  query: { query: 'label_values(platestream_frames_captured_total, camera)', refId: 'camera' },
  refresh: 2,
  sort: 1,
};

/** Panels from left to right in 24 columns, row below row. */
function placed({ rows }: Dashboard): object[] {
  const all: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    all.push({
      id: all.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: 24, h: 1 },
    });
    y += 1;
    let x = 0;
    let lineHeight = 0;
    for (const panel of panels) {
      const { kind, width = 8 } = panel;
      if (x + width > 24) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      all.push({ id: all.length + 1, gridPos: { x, y, w: width, h: height[kind] }, ...grafanaPanel(panel) });
      x += width;
      lineHeight = Math.max(lineHeight, height[kind]);
    }
    y += lineHeight;
  }
  return all;
}

function grafanaPanel({ title, about, kind, unit, queries, worse }: Panel): object {
  const steps = [
    { color: 'green', value: null },
    ...(worse
      ? [
          { color: 'orange', value: worse[0] },
          { color: 'red', value: worse[1] },
        ]
      : []),
  ];
  return {
    type: kind,
    title,
    description: about,
    datasource,
    fieldConfig: { defaults: { unit, min: 0, thresholds: { mode: 'absolute', steps } }, overrides: [] },
    targets: queries.map(({ expr, legend }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource,
      expr,
      legendFormat: legend,
      ...(kind === 'timeseries'
        ? { range: true }
        : { instant: true, format: kind === 'table' ? 'table' : 'time_series' }),
    })),
  };
}
