import type { Items } from '../api/records.js';
import { may, words } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Tag } from '../ui/notice.js';
import { Screen } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { momentOf } from '../ui/words.js';
import { categoryLabel } from './alert_words.js';

interface ExceptionRow {
  readonly exceptionId: string;
  readonly userId: string;
  readonly category: string;
  readonly caseNo: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const dayMs = 86_400_000;

function grantSpec(): CommandSpec {
  const prohibited = (words.value?.categories ?? []).filter((one) => !one.authorised);
  const days = words.value?.numbers['exceptionDaysMax'] ?? 30;
  return {
    action: 'exception.grant',
    title: 'Grant an exception',
    about: `One user, one category, one case, at most ${days} days; by the administrator in person, for somebody else.`,
    fields: [
      { name: 'userId', label: 'Login', kind: 'text', half: true },
      {
        name: 'category',
        label: 'Category that is otherwise never alerted',
        kind: 'select',
        options: prohibited.map((one) => ({ value: one.id, label: one.label })),
        half: true,
      },
      { name: 'caseNo', label: 'Case number', kind: 'text', half: true },
      { name: 'toMs', label: 'Until', kind: 'moment', initial: Date.now() + 7 * dayMs, half: true },
      { name: 'facts', label: 'Facts', kind: 'area', hint: 'What of this case makes it necessary; auditors read it' },
    ],
  };
}

/** Who may be alerted about what nobody else may, for which case and how long [IV.A.4]. */
export function Exceptions() {
  const exceptions = useView<Items<ExceptionRow>>('/api/views/exceptions');
  const { again } = exceptions;
  return (
    <Screen
      title="Exceptions"
      about="To the categories that are never alerted. Each ends by itself."
      actions={may('exception.grant') ? <CommandButton spec={grantSpec()} onDone={again} /> : null}
    >
      <When loaded={exceptions}>
        {({ items }) => (
          <Table
            label="Exceptions"
            rows={[...items].reverse()}
            keyOf={(one) => one.exceptionId}
            empty="No exception was ever granted"
            columns={[
              { title: 'No.', cell: (one) => one.exceptionId },
              { title: 'Who', cell: (one) => one.userId },
              { title: 'Category', cell: (one) => categoryLabel(one.category) },
              { title: 'Case', cell: (one) => one.caseNo },
              { title: 'From', cell: (one) => momentOf(one.fromMs) },
              { title: 'Until', cell: (one) => momentOf(one.toMs) },
              { title: 'Standing', cell: (one) => <Standing row={one} /> },
              { title: '', cell: (one) => <End row={one} onDone={again} /> },
            ]}
          />
        )}
      </When>
    </Screen>
  );
}

function Standing({ row: { fromMs, toMs } }: { row: ExceptionRow }) {
  const nowMs = Date.now();
  if (toMs <= nowMs) return <Tag>ended</Tag>;
  return fromMs > nowMs ? <Tag>not yet</Tag> : <Tag tone="warn">in force</Tag>;
}

function End({ row: { exceptionId, toMs }, onDone }: { row: ExceptionRow; onDone: () => unknown }) {
  if (!may('exception.end') || toMs <= Date.now()) return null;
  const spec = {
    action: 'exception.end',
    title: 'End the exception',
    fixed: { exceptionId },
    fields: [{ name: 'why', label: 'Why', kind: 'area' }],
  } as const;
  return <CommandButton tiny label="End" spec={spec} onDone={onDone} />;
}
