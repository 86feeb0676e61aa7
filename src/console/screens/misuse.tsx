import type { Items } from '../api/records.js';
import { may, session } from '../session.js';
import { CommandButton } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { titleOf } from '../ui/words.js';

interface MisuseRow {
  readonly misuseId: string;
  readonly userId: string;
  readonly pattern: string;
  readonly closed: boolean;
}

interface SuspicionRow {
  readonly userId: string;
  readonly pattern: string;
  readonly text: string;
}

/** Patterns of use that somebody has to look at; each ends with a finding [IV.B.1.a(4)]. */
export function Misuse() {
  const flags = useView<Items<MisuseRow>>('/api/views/misuse');
  const suspicions = useView<Items<SuspicionRow>>('/api/audit/suspicions');
  const again = () => Promise.all([flags.again(), suspicions.again()]);
  return (
    <Section title="Misuse">
      {suspicions.value ? (
        <Table
          label="Suspicions"
          rows={suspicions.value.items}
          keyOf={(one) => `${one.userId} ${one.pattern} ${one.text}`}
          empty="No suspicious pattern of use"
          columns={[
            { title: 'Who', cell: (one) => one.userId },
            { title: 'Pattern', cell: (one) => titleOf(one.pattern) },
            { title: 'What', cell: (one) => one.text },
            { title: '', cell: (one) => <Flag row={one} onDone={again} /> },
          ]}
        />
      ) : null}
      <When loaded={flags}>
        {({ items }) =>
          items.length === 0 ? null : (
            <Table
              label="Flags"
              rows={[...items].reverse()}
              keyOf={(one) => one.misuseId}
              empty=""
              columns={[
                { title: 'Flag', cell: (one) => one.misuseId },
                { title: 'Who', cell: (one) => one.userId },
                { title: 'Pattern', cell: (one) => titleOf(one.pattern) },
                { title: '', cell: (one) => <Close row={one} onDone={again} /> },
              ]}
            />
          )
        }
      </When>
    </Section>
  );
}

function Flag({ row: { userId, pattern, text }, onDone }: { row: SuspicionRow; onDone: () => unknown }) {
  if (!may('misuse.flag')) return null;
  const spec = {
    action: 'misuse.flag',
    title: 'Flag it',
    fixed: { userId, pattern },
    fields: [{ name: 'text', label: 'What was seen', kind: 'area', initial: text }],
  } as const;
  return <CommandButton tiny spec={spec} onDone={onDone} />;
}

function Close({ row, onDone }: { row: MisuseRow; onDone: () => unknown }) {
  if (row.closed) return <Tag tone="good">closed</Tag>;
  if (!may('misuse.close') || row.userId === session.value?.userId) return <Tag tone="warn">open</Tag>;
  const spec = {
    action: 'misuse.close',
    title: 'Close with a finding',
    fixed: { misuseId: row.misuseId },
    fields: [{ name: 'finding', label: 'Finding', kind: 'area' }],
  } as const;
  return <CommandButton tiny spec={spec} onDone={onDone} />;
}
