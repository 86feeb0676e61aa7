import type { Items } from '../api/records.js';
import { may, words } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Empty, Notice, Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { ageOf, momentOf, titleOf } from '../ui/words.js';
import { ImportButton, type ImportReport, RejectsButton } from './hot_list_import.js';

const hourMs = 3_600_000;

interface SourceRow {
  readonly name: string;
  readonly compiledAtMs: number;
  readonly kept: number;
  readonly ageHours: number;
  readonly isStale: boolean;
  readonly isStopped: boolean;
}

interface HotListsView {
  /** Names of what is configured, loaded or not. */
  readonly configured: readonly string[];
  readonly sources: readonly SourceRow[];
  readonly manualEntries: number;
  readonly removed: number;
  readonly problems: readonly string[];
}

type ImportRow = Omit<ImportReport, 'rejects'>;

/** The lists from outside: how old they are, what the last imports came to; never a plate. */
export function HotLists() {
  const lists = useView<HotListsView>(may('hot_lists') ? '/api/views/hot_lists' : null);
  const imports = useView<Items<ImportRow>>(may('hot_lists') ? '/api/hot-lists/imports' : null);
  const configured = lists.value?.configured ?? [];
  const again = () => Promise.all([lists.again(), imports.again()]);
  if (!may('hot_lists')) return null;
  return (
    <>
      <Section
        title="Lists from outside"
        actions={
          <>
            {may('category.map') ? <CommandButton spec={mapSpec(configured)} onDone={again} /> : null}
            {may('hot_lists.change') && configured.length > 0 ? (
              <ImportButton sources={configured} onDone={again} />
            ) : null}
          </>
        }
      >
        <When loaded={lists}>{(view) => <Sources view={view} />}</When>
      </Section>
      <When loaded={imports}>
        {({ items }) =>
          items.length === 0 ? null : (
            <Section title="Latest imports">
              <Imports rows={items} />
            </Section>
          )
        }
      </When>
    </>
  );
}

function Sources({ view }: { view: HotListsView }) {
  return (
    <>
      {view.problems.map((problem) => (
        <Notice key={problem} tone="bad">
          {problem}
        </Notice>
      ))}
      {view.sources.length === 0 ? <Empty title="No list from outside is loaded" /> : null}
      <div class="figures">
        {view.sources.map((source) => (
          <div key={source.name} class="figure">
            <span class="digits small">{source.name}</span>
            <strong>{source.kept.toLocaleString()}</strong>
            <span class="small soft">compiled {ageOf(source.ageHours * hourMs)} ago</span>
            <span class="tags">
              <Age source={source} />
            </span>
          </div>
        ))}
      </div>
    </>
  );
}

function Age({ source }: { source: SourceRow }) {
  if (source.isStopped) return <Tag tone="bad">TOO OLD: matches nothing</Tag>;
  return source.isStale ? <Tag tone="bad">STALE</Tag> : <Tag tone="good">current</Tag>;
}

const tones = { loaded: 'good', unchanged: 'plain', refused: 'bad' } as const;

function Imports({ rows }: { rows: readonly ImportRow[] }) {
  // Newest first: only the newest of a source still has its lines.
  const newest = new Map([...rows].reverse().map((row) => [row.source, row]));
  return (
    <Table
      label="Imports"
      rows={rows}
      keyOf={(one) => `${one.source} ${one.atMs}`}
      empty=""
      columns={[
        { title: 'Source', cell: (one) => <span class="digits">{one.source}</span> },
        { title: 'When', cell: (one) => momentOf(one.atMs) },
        { title: 'Outcome', cell: (one) => <Outcome row={one} /> },
        { title: 'Rows', cell: (one) => one.rows.toLocaleString() },
        { title: 'Kept', cell: (one) => one.kept.toLocaleString() },
        { title: 'Rejected', cell: (one) => <RejectedCell row={one} newest={newest.get(one.source) === one} /> },
        { title: 'Left out by the policy', cell: (one) => leftOut(one) },
      ]}
    />
  );
}

function Outcome({ row }: { row: ImportRow }) {
  return (
    <>
      <Tag tone={tones[row.outcome]}>{row.outcome}</Tag> {row.signed ? <Tag>signed</Tag> : null}
      {row.refusal ? <div class="small soft">{row.refusal.sentence}</div> : null}
    </>
  );
}

function RejectedCell({ row: { source, rejected }, newest }: { row: ImportRow; newest: boolean }) {
  return newest ? <RejectsButton source={source} count={rejected} /> : rejected.toLocaleString();
}

/** A word of a source that the program does not know alerts nobody until somebody says what it means. */
function mapSpec(sources: readonly string[]): CommandSpec {
  const categories = (words.value?.categories ?? []).filter((one) => one.authorised);
  return {
    action: 'category.map',
    title: 'Say what a code means',
    about:
      "Translates a source's own code into a category of the policy; rows with unknown codes are left out [III.M].",
    fields: [
      {
        name: 'source',
        label: 'Source',
        kind: 'select',
        options: sources.map((value) => ({ value, label: value })),
        half: true,
      },
      { name: 'code', label: 'Its code', kind: 'text', half: true },
      {
        name: 'category',
        label: 'Means',
        kind: 'select',
        options: categories.map((one) => ({ value: one.id, label: one.label })),
      },
      { name: 'why', label: 'Why', kind: 'area' },
    ],
  };
}

function leftOut({ dropped }: ImportRow): string {
  return Object.entries(dropped)
    .map(([category, count]) => `${titleOf(category)} ${count.toLocaleString()}`)
    .join(', ');
}
