import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { dashboards, grafanaJson } from '../observe/dashboards/grafana.js';
import { allMetrics, metricsPage } from '../observe/metrics_page.js';

/** `platestream metrics`: what `/metrics` can say, as a page, as JSON, or drawn as Grafana dashboards. */
export const metricsCommand = defineCommand({
  meta: {
    name: 'metrics',
    description: 'Lists every metric with its type, labels and meaning; writes the dashboards.',
  },
  args: {
    json: { type: 'boolean', description: 'one JSON array' },
    dashboards: { type: 'string', description: 'write the Grafana dashboards into this folder' },
  },
  run({ args }) {
    if (args.dashboards) writeDashboards(args.dashboards);
    else process.stdout.write(args.json ? `${JSON.stringify(allMetrics())}\n` : metricsPage());
  },
});

function writeDashboards(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const dashboard of dashboards) writeFileSync(join(folder, `${dashboard.uid}.json`), grafanaJson(dashboard));
}
