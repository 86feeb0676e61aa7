import type { Items } from '../api/records.js';
import type { CosignRow } from '../api/searches.js';
import { may, session } from '../session.js';
import { CommandButton } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { momentOf, titleOf } from '../ui/words.js';

/** Searches that wait for a supervisor, exactly as they were asked [IV.A.5]. */
export function Cosigns() {
  const cosigns = useView<Items<CosignRow>>('/api/views/cosigns');
  return (
    <When loaded={cosigns}>
      {({ items }) =>
        items.length === 0 ? null : (
          <Section title="Searches that need a supervisor">
            <Table
              label="Searches that need a supervisor"
              rows={items}
              keyOf={(one) => String(one.sequence)}
              empty=""
              columns={[
                { title: 'No.', cell: (one) => one.sequence },
                { title: 'Asked by', cell: (one) => one.userId },
                { title: 'When', cell: (one) => momentOf(one.askedAtMs) },
                { title: 'Needs it for', cell: (one) => one.why },
                { title: 'Reason', cell: (one) => <ReasonCell row={one} /> },
                { title: '', cell: (one) => <Agree row={one} onDone={cosigns.again} /> },
              ]}
            />
          </Section>
        )
      }
    </When>
  );
}

function ReasonCell({ row: { access } }: { row: CosignRow }) {
  return (
    <>
      {access.reason?.facts}
      <div class="small soft">
        {titleOf(access.reason?.basis ?? '')} {access.reason?.caseNo}
      </div>
    </>
  );
}

function Agree({ row, onDone }: { row: CosignRow; onDone: () => unknown }) {
  if (row.agreedUntilMs !== null) return <Tag tone="good">agreed until {momentOf(row.agreedUntilMs)}</Tag>;
  if (row.userId === session.value?.userId || !may('search.cosign')) return <Tag tone="warn">waits</Tag>;
  return (
    <CommandButton
      tiny
      label="Agree"
      spec={{
        action: 'search.cosign',
        title: `Agree to search no. ${row.sequence}`,
        about: 'To this search of this person, for a day; your agreement is recorded with your name.',
        fixed: { forUser: row.userId, access: row.access },
        fields: [{ name: 'why', label: 'Why you agree', kind: 'area' }],
      }}
      onDone={onDone}
    />
  );
}
