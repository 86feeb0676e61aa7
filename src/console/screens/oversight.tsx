import { may, words } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, titleOf } from '../ui/words.js';

interface OversightView {
  readonly protocols: readonly {
    readonly kind: string;
    readonly sha256: string;
    readonly refs: readonly string[];
    readonly atMs: number;
  }[];
  readonly recommendations: readonly {
    readonly recommendationId: string;
    readonly text: string;
    readonly disposition: string | null;
  }[];
  readonly legal: readonly { readonly legalId: string; readonly title: string; readonly impact: boolean }[];
  readonly changes: readonly {
    readonly changeId: string;
    readonly what: string;
    readonly by: string;
    readonly approvedBy: string | null;
  }[];
  readonly tickets: readonly {
    readonly ticketId: string;
    readonly by: string;
    readonly text: string;
    readonly closed: boolean;
  }[];
  readonly lastReviewMs: number | null;
}

const text = (name: string, label: string) => ({ name, label, kind: 'area' }) as const;

function protocolSpec(): CommandSpec {
  const kinds = (words.value?.protocols ?? []).map((value) => ({ value, label: titleOf(value) }));
  return {
    action: 'protocol.approve',
    title: 'Approve a protocol',
    about: 'The document stays where it is; its digest is recorded. It names the accreditation standard it follows.',
    fields: [
      { name: 'kind', label: 'Protocol', kind: 'select', options: kinds },
      { name: 'documentSha256', label: 'Document', kind: 'document' },
      { name: 'refs', label: 'Standards', kind: 'list', hint: 'Separated by commas', placeholder: '41.3.9(d)' },
    ],
  };
}

const recommend: CommandSpec = {
  action: 'policy.recommend',
  title: 'Recommend a change of the policy',
  fields: [text('text', 'Recommendation')],
};
const review: CommandSpec = {
  action: 'policy.review',
  title: 'Record the annual review',
  fields: [text('conclusion', 'Conclusion')],
};
const legal: CommandSpec = {
  action: 'legal.record',
  title: 'Record a legal change',
  about: 'One that changes practice asks everybody for training, with days of grace [IV.E.2].',
  fields: [
    { name: 'title', label: 'What changed', kind: 'text' },
    { name: 'impact', label: 'Does it change practice?', kind: 'yes_no' },
  ],
};
const change: CommandSpec = {
  action: 'change.request',
  title: 'Ask for maintenance of data',
  about: 'Administrator and records unit agree to it within a day [IV.B.1.a(8)].',
  fields: [text('what', 'What is to be done')],
};

/** What administrators keep: protocols, recommendations, the law, maintenance, questions of users. */
export function Oversight() {
  const oversight = useView<OversightView>('/api/views/oversight');
  const { again } = oversight;
  const actions = [protocolSpec(), recommend, review, legal, change].filter((spec) => may(spec.action));
  return (
    <Section
      title="Oversight"
      actions={actions.map((spec) => <CommandButton key={spec.action} tiny spec={spec} onDone={again} />)}
    >
      <When loaded={oversight}>
        {(view) => (
          <>
            <Protocols view={view} />
            <Recommendations view={view} onDone={again} />
            <Changes view={view} onDone={again} />
            <Tickets view={view} onDone={again} />
          </>
        )}
      </When>
    </Section>
  );
}

function Protocols({ view }: { view: OversightView }) {
  return (
    <Table
      label="Protocols"
      rows={view.protocols}
      keyOf={(one) => one.kind}
      empty="No protocol is approved"
      columns={[
        { title: 'Protocol', cell: (one) => titleOf(one.kind) },
        { title: 'Approved', cell: (one) => dayOf(one.atMs) },
        { title: 'Follows', cell: (one) => one.refs.join(', ') },
        { title: 'Document', cell: (one) => <span class="digits small">{one.sha256.slice(0, 16)}…</span> },
      ]}
    />
  );
}

function Recommendations({ view, onDone }: { view: OversightView; onDone: () => unknown }) {
  return (
    <ul class="form">
      {view.recommendations.map((one) => (
        <li key={one.recommendationId} class="notice">
          <span>{one.text}</span>
          {one.disposition !== null ? <span class="why">Department head: {one.disposition}</span> : null}
          {one.disposition === null && may('policy.dispose') ? (
            <span>
              <CommandButton
                tiny
                spec={{
                  action: 'policy.dispose',
                  title: 'Decide',
                  fixed: { recommendationId: one.recommendationId },
                  fields: [text('disposition', 'Decision')],
                }}
                onDone={onDone}
              />
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function Changes({ view, onDone }: { view: OversightView; onDone: () => unknown }) {
  return (
    <ul class="form">
      {view.changes.map((one) => (
        <li key={one.changeId} class="notice">
          <span>
            Maintenance: {one.what} <span class="soft">asked by {one.by}</span>
          </span>
          {one.approvedBy !== null ? <Tag tone="good">agreed by {one.approvedBy}</Tag> : null}
          {one.approvedBy === null && may('change.approve') ? (
            <span>
              <CommandButton
                tiny
                spec={{ action: 'change.approve', title: 'Agree', fixed: { changeId: one.changeId }, fields: [] }}
                onDone={onDone}
              />
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function Tickets({ view, onDone }: { view: OversightView; onDone: () => unknown }) {
  return (
    <ul class="form">
      {view.tickets
        .filter((one) => !one.closed)
        .map((one) => (
          <li key={one.ticketId} class="notice">
            <span>
              Question: {one.text} <span class="soft">by {one.by}</span>
            </span>
            {may('ticket.close') ? (
              <span>
                <CommandButton
                  tiny
                  spec={{
                    action: 'ticket.close',
                    title: 'Answer',
                    fixed: { ticketId: one.ticketId },
                    fields: [text('answer', 'Answer')],
                  }}
                  onDone={onDone}
                />
              </span>
            ) : null}
          </li>
        ))}
    </ul>
  );
}
