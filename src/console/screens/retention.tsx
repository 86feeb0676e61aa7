import { may, session } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Notice, Tag } from '../ui/notice.js';
import { Screen, Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, momentOf, titleOf } from '../ui/words.js';

interface Proposal {
  readonly proposalId: string;
  readonly days: number;
  readonly by: string;
  readonly byRole: string;
  readonly done: boolean;
}

interface Receipt {
  readonly sequence: number;
  readonly recordedAt: string | number;
  readonly report: {
    readonly dropped: readonly { readonly partition: string; readonly rows: number }[];
    readonly oldestLeftMs: number | null;
  };
}

interface RetentionView {
  readonly days: number;
  readonly daysMin: number;
  readonly daysMax: number;
  readonly proposals: readonly Proposal[];
  readonly custodian: string | null;
  readonly lastPartitionDropped: string | null;
  readonly lastReceipt: Receipt | null;
  readonly disposalsDue: readonly string[];
  readonly clockDoubtful: boolean;
}

const dayMs = 86_400_000;

/** How long what is read stays, what goes next, and the proof that it went [IV.F.1, IV.F.3]. */
export function Retention() {
  const retention = useView<RetentionView>('/api/views/retention');
  const { again } = retention;
  return (
    <Screen
      title="Retention"
      about="Reads that no case keeps go by themselves, day by day."
      actions={
        may('retention.propose') && retention.value ? (
          <CommandButton spec={proposeSpec(retention.value)} onDone={again} />
        ) : null
      }
    >
      <When loaded={retention}>
        {(view) => (
          <>
            {view.clockDoubtful ? <DoubtfulClock onDone={again} /> : null}
            <Figures view={view} />
            <Due view={view} />
            <LastReceipt receipt={view.lastReceipt} />
            <Proposals view={view} onDone={again} />
          </>
        )}
      </When>
    </Screen>
  );
}

function proposeSpec({ days, daysMin, daysMax }: RetentionView): CommandSpec {
  return {
    action: 'retention.propose',
    title: 'Propose another time',
    about: `${daysMin} to ${daysMax} whole days. The other of administrator and records unit has to agree [IV.F.3].`,
    fields: [
      { name: 'days', label: 'Days', kind: 'number', initial: days },
      { name: 'why', label: 'Why', kind: 'area' },
    ],
  };
}

/** Nothing is deleted on a clock that has jumped, until a person has looked at it. */
function DoubtfulClock({ onDone }: { onDone: () => unknown }) {
  const spec: CommandSpec = {
    action: 'clock.confirm',
    title: 'The clock is right',
    about: "Compare this machine's clock with another one first: what is deleted is gone.",
    fields: [{ name: 'why', label: 'What you compared it with', kind: 'area' }],
  };
  return (
    <Notice tone="bad">
      <strong>The clock has jumped: nothing is deleted until the administrator has confirmed it.</strong>
      {may('clock.confirm') ? (
        <span>
          <CommandButton tiny spec={spec} onDone={onDone} />
        </span>
      ) : null}
    </Notice>
  );
}

function Figures({ view }: { view: RetentionView }) {
  const goneBefore = Date.now() - view.days * dayMs;
  return (
    <div class="figures">
      <div class="figure">
        <span class="small soft">Reads are kept</span>
        <strong>{view.days} days</strong>
        <span class="small soft">today's go on {dayOf(Date.now() + view.days * dayMs)}</span>
      </div>
      <div class="figure">
        <span class="small soft">Gone</span>
        <strong>before {dayOf(goneBefore)}</strong>
        <span class="small soft">last day deleted: {view.lastPartitionDropped ?? 'none yet'}</span>
      </div>
      <div class="figure">
        <span class="small soft">Custodian</span>
        <strong>{view.custodian ?? 'nobody'}</strong>
        <span class="small soft">keeps the bulk data</span>
      </div>
    </div>
  );
}

function Due({ view }: { view: RetentionView }) {
  return (
    <Section title="What is due">
      {view.disposalsDue.length === 0 ? (
        <Notice tone="good">No case with a final disposition still waits for its disposal.</Notice>
      ) : (
        view.disposalsDue.map((caseNo) => (
          <Notice key={caseNo} tone="bad">
            Dispose of the data of case {caseNo}: its final disposition is recorded (under Cases).
          </Notice>
        ))
      )}
    </Section>
  );
}

function LastReceipt({ receipt }: { receipt: Receipt | null }) {
  return (
    <Section title="Latest receipt of a deletion">
      {receipt === null ? (
        <p class="soft">No receipt among the latest records of the ledger: nothing has come of age lately.</p>
      ) : (
        <dl class="facts card">
          <dt>Recorded</dt>
          <dd>
            {momentOf(new Date(receipt.recordedAt).getTime())} <Tag>ledger no. {receipt.sequence}</Tag>
          </dd>
          <dt>Deleted</dt>
          <dd>
            {receipt.report.dropped.map((day) => `${day.rows.toLocaleString()} reads of ${day.partition}`).join(', ')}
          </dd>
          <dt>Oldest left</dt>
          <dd>{receipt.report.oldestLeftMs === null ? 'none' : momentOf(receipt.report.oldestLeftMs)}</dd>
        </dl>
      )}
    </Section>
  );
}

function Proposals({ view, onDone }: { view: RetentionView; onDone: () => unknown }) {
  return (
    <Section title="Proposals">
      <Table
        label="Proposals"
        rows={[...view.proposals].reverse()}
        keyOf={(one) => one.proposalId}
        empty="Nobody has proposed another time"
        columns={[
          { title: 'No.', cell: (one) => one.proposalId },
          { title: 'Days', cell: (one) => one.days },
          { title: 'By', cell: (one) => `${one.by}, ${titleOf(one.byRole)}` },
          { title: '', cell: (one) => <Agree row={one} onDone={onDone} /> },
        ]}
      />
    </Section>
  );
}

function Agree({ row: { proposalId, days, by, done }, onDone }: { row: Proposal; onDone: () => unknown }) {
  if (done) return <Tag tone="good">agreed</Tag>;
  if (!may('retention.approve') || by === session.value?.userId) return <Tag tone="warn">waits for the other side</Tag>;
  const spec = {
    action: 'retention.approve',
    title: `Keep reads ${days} days`,
    fixed: { proposalId },
    fields: [],
    grave: true,
  } as const;
  return <CommandButton tiny label="Agree" spec={spec} onDone={onDone} />;
}
