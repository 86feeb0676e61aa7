import { useState } from 'preact/hooks';
import { useView, When } from '../ui/load.js';
import { Notice, Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { momentOf, titleOf } from '../ui/words.js';

interface LookRow {
  readonly sequence: number;
  readonly atMs: number;
  readonly userId: string;
  readonly name: string;
  readonly asked: string;
  readonly plates: readonly string[];
  readonly caseNo: string | null;
  readonly basis: string | null;
  readonly facts: string | null;
  readonly decision: string;
  readonly code: string | null;
  readonly outcome: { readonly sequence: number; readonly rows: number } | null;
}

interface LooksView {
  readonly items: readonly LookRow[];
  readonly complete: boolean;
}

interface Projection {
  readonly records: number;
  readonly whole: boolean;
}

/** Who searched, for which plate, for which case, and why [III.G]. */
export function Looks() {
  const [plate, setPlate] = useState('');
  const [user, setUser] = useState('');
  const [query, setQuery] = useState('limit=100');
  const looks = useView<LooksView>(`/api/views/audit.looks?${query}`);
  const projection = useView<Projection>('/api/audit/projection');

  function ask(event: Event) {
    event.preventDefault();
    const asked = new URLSearchParams({ limit: '100' });
    if (plate.trim()) asked.set('plate', plate.trim().toUpperCase().replace(/[\s-]/g, ''));
    if (user.trim()) asked.set('user', user.trim());
    setQuery(asked.toString());
  }

  return (
    <Section title="Who looked">
      <form class="buttons" onSubmit={ask}>
        <label class="field">
          <span class="label">For this plate</span>
          <input
            class="input digits"
            value={plate}
            maxLength={16}
            onInput={(event) => setPlate(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span class="label">This person (login)</span>
          <input class="input" value={user} onInput={(event) => setUser(event.currentTarget.value)} />
        </label>
        <button type="submit" class="button align-end">
          Find searches
        </button>
      </form>
      <When loaded={projection}>
        {({ whole }) =>
          whole ? null : (
            <Notice tone="bad">The index of searches did not agree with the ledger; it is made anew from it.</Notice>
          )
        }
      </When>
      <When loaded={looks}>
        {({ items, complete }) => (
          <>
            <Table
              label="Searches"
              rows={items}
              keyOf={(one) => String(one.sequence)}
              empty="Nobody looked"
              columns={[
                { title: 'No.', cell: (one) => <span class="digits">{one.sequence}</span> },
                { title: 'When', cell: (one) => <span class="nowrap">{momentOf(one.atMs)}</span> },
                { title: 'Who', cell: (one) => one.name },
                {
                  title: 'Plates',
                  cell: (one) =>
                    one.plates.map((text) => (
                      <span key={text} class="plate">
                        {text}
                      </span>
                    )),
                },
                { title: 'Why', cell: (one) => <Why row={one} /> },
                { title: 'Answer', cell: (one) => <Answer row={one} /> },
              ]}
            />
            {complete ? null : <p class="soft small">There are more; ask for one plate or one person.</p>}
          </>
        )}
      </When>
    </Section>
  );
}

function Why({ row }: { row: LookRow }) {
  return (
    <>
      {row.facts}
      <div class="small soft">
        {row.basis ? titleOf(row.basis) : ''} {row.caseNo}
      </div>
    </>
  );
}

function Answer({ row }: { row: LookRow }) {
  if (row.decision === 'refuse') return <Tag tone="bad">{row.code}</Tag>;
  return <Tag tone="good">{row.outcome ? `${row.outcome.rows} rows` : 'asked'}</Tag>;
}
