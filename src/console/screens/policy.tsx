import { useState } from 'preact/hooks';
import type { ClauseRow, DutyRow } from '../api/records.js';
import { may } from '../session.js';
import { useView, When } from '../ui/load.js';
import { Notice, Tag } from '../ui/notice.js';
import { Screen, Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { titleOf } from '../ui/words.js';
import { Oversight } from './oversight.js';

interface ClausesView {
  readonly proved: number;
  readonly of: number;
  readonly clauses: readonly ClauseRow[];
  readonly duties: readonly DutyRow[];
}

const levels = {
  refuse: { tone: 'accent', text: 'refused' },
  warn: { tone: 'warn', text: 'warned' },
  record: { tone: 'plain', text: 'recorded' },
} as const;

/** Every clause, what enforces it, which tests prove it; and what somebody has to do now. */
export function PolicyScreen() {
  const policy = useView<ClausesView>('/api/policy/clauses');
  return (
    <Screen title="Policy">
      <When loaded={policy}>
        {(view) => (
          <>
            <Duties duties={view.duties} />
            {may('oversight') ? <Oversight /> : null}
            <Clauses view={view} />
          </>
        )}
      </When>
    </Screen>
  );
}

function Duties({ duties }: { duties: readonly DutyRow[] }) {
  return (
    <Section title="What is due">
      {duties.length === 0 ? <Notice tone="good">Nothing is late or missing.</Notice> : null}
      <ul class="cards">
        {duties.map((duty) => (
          <li key={`${duty.clause} ${duty.sentence}`} class="card">
            <strong>{titleOf(duty.sentence)}</strong>
            <span class="tags">
              <Tag>{titleOf(duty.owner)}</Tag>
              <Tag tone={duty.level === 'refuse' ? 'bad' : 'warn'}>{duty.clause}</Tag>
              {duty.overdueDays > 0 ? <Tag tone="bad">{duty.overdueDays} days late</Tag> : null}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Clauses({ view }: { view: ClausesView }) {
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const rows = view.clauses.filter((one) => `${one.clause} ${one.demand}`.toLowerCase().includes(wanted));
  return (
    <Section title={`${view.of} clauses, ${view.proved} proved by a test`}>
      <input
        class="input"
        type="search"
        aria-label="Find a clause"
        placeholder="Find a clause, such as IV.A.8 or training"
        value={find}
        onInput={(event) => setFind(event.currentTarget.value)}
      />
      <Table
        label="Clauses"
        rows={rows}
        keyOf={(one) => one.clause}
        empty="No clause like that"
        columns={[
          { title: 'Clause', cell: (one) => <span class="digits nowrap">{one.clause}</span> },
          { title: 'What it asks for', cell: (one) => one.demand },
          { title: 'Otherwise', cell: (one) => <Level level={one.level} /> },
          { title: 'Enforced in', cell: (one) => <span class="small digits">{one.enforcedBy.join(', ')}</span> },
          { title: 'Proof', cell: (one) => <Proof clause={one} /> },
        ]}
      />
    </Section>
  );
}

function Level({ level }: { level: string }) {
  const { tone, text } = levels[level as keyof typeof levels] ?? levels.record;
  return <Tag tone={tone}>{text}</Tag>;
}

function Proof({ clause: { tests, open } }: { clause: ClauseRow }) {
  if (open) return <Tag tone="warn">open</Tag>;
  return (
    <details>
      <summary>
        {tests.length} {tests.length === 1 ? 'test' : 'tests'}
      </summary>
      <ul class="small">
        {tests.map((test) => (
          <li key={test}>{test}</li>
        ))}
      </ul>
    </details>
  );
}
