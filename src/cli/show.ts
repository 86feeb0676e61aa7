import { defineCommand } from 'citty';
import { askApi, keptSession } from './api_session.js';
import { say } from './say.js';
import { usageError } from './usage.js';

/** `platestream show VIEW`: what a view of the API shows the one who is signed in. */
export const showCommand = defineCommand({
  meta: { name: 'show', description: 'Look at a view of a running program (docs/actions.md lists them).' },
  args: {
    view: { type: 'positional', required: true, description: 'users, cameras, entries, duties, ledger.mine, ...' },
    query: { type: 'string', description: 'what the view asks for, as name=value&name=value' },
    json: { type: 'boolean', description: 'print the answer as JSON' },
  },
  async run({ args }) {
    if (!/^[a-z_.]+$/.test(args.view)) usageError(`${args.view}: not the name of a view`);
    const session = keptSession();
    if (!session.ok) return say(session.error, 1);
    const shown = await askApi(session.value, 'GET', `/api/views/${args.view}?${args.query ?? ''}`);
    if (!shown.ok) return say(shown.error, 1);
    say(args.json ? JSON.stringify(shown.value.body) : textOf(shown.value.body), 0);
  },
});

type Row = Readonly<Record<string, unknown>>;

/** Rows as a table of their plain values; whatever else there is as JSON. */
function textOf({ items, ...more }: Record<string, unknown>): string {
  const lines = Array.isArray(items) ? tableOf(items as Row[]) : [];
  if (Object.keys(more).length > 0) lines.push(JSON.stringify(more, null, 2));
  return lines.join('\n');
}

function tableOf(rows: readonly Row[]): string[] {
  const [first] = rows;
  if (first === undefined) return ['nothing'];
  const columns = Object.keys(first).filter((name) => rows.every((row) => typeof row[name] !== 'object' || !row[name]));
  const cells = [columns, ...rows.map((row) => columns.map((name) => textOfCell(name, row[name])))];
  const widths = columns.map((_name, at) => Math.max(...cells.map((line) => (line[at] as string).length)));
  return cells.map((line) =>
    line
      .map((cell, at) => cell.padEnd(widths[at] as number))
      .join('  ')
      .trimEnd(),
  );
}

function textOfCell(name: string, value: unknown): string {
  if (value === null || value === undefined) return '-';
  return name.endsWith('Ms') ? new Date(value as number).toISOString() : String(value);
}
