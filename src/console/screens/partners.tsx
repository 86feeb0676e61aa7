import type { Items } from '../api/records.js';
import { may } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Tag } from '../ui/notice.js';
import { Screen, Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, titleOf } from '../ui/words.js';
import { Vendors } from './vendors.js';

interface AgencyRow {
  readonly agencyId: string;
  readonly kind: 'agency' | 'dcjis';
  readonly mou: { readonly scope: readonly string[]; readonly fromMs: number; readonly toMs: number } | null;
}

const yearMs = 365 * 86_400_000;

const register: CommandSpec = {
  action: 'agency.register',
  title: 'Register an agency',
  about: 'Registered, it still receives nothing: that takes an agreement [IV.D.2].',
  fields: [
    { name: 'agencyId', label: 'Short name', kind: 'text', hint: 'Letters, digits, : . _ -', half: true },
    {
      name: 'kind',
      label: 'Kind',
      kind: 'select',
      initial: 'agency',
      options: [
        { value: 'agency', label: 'Another agency' },
        { value: 'dcjis', label: "The state's criminal-justice agency" },
      ],
      half: true,
    },
    { name: 'name', label: 'Full name', kind: 'text' },
  ],
};

function agreement(agencyId: string): CommandSpec {
  return {
    action: 'mou.record',
    title: `Agreement with ${agencyId}`,
    about: 'The document stays where it is; its digest is recorded. It replaces the agreement before.',
    fixed: { agencyId },
    fields: [
      { name: 'documentSha256', label: 'Signed agreement', kind: 'document' },
      {
        name: 'scope',
        label: 'What may be shared',
        kind: 'checks',
        options: [
          { value: 'alerts', label: 'Alerts on its own entries' },
          { value: 'case_data', label: 'Data of cases' },
        ],
      },
      { name: 'fromMs', label: 'From', kind: 'moment', initial: Date.now(), half: true },
      { name: 'toMs', label: 'Until', kind: 'moment', initial: Date.now() + yearMs, half: true },
    ],
  };
}

/** Who outside the department may receive or keep anything, on which papers [IV.C.3.a, IV.D.2]. */
export function Partners() {
  return (
    <Screen
      title="Partners: agencies and vendors"
      about="Nothing leaves without an agreement in force; nobody keeps data without current papers."
    >
      {may('agencies') ? <Agencies /> : null}
      {may('vendors') ? <Vendors /> : null}
    </Screen>
  );
}

function Agencies() {
  const agencies = useView<Items<AgencyRow>>('/api/views/agencies');
  const { again } = agencies;
  return (
    <Section
      title="Other agencies"
      actions={may('agency.register') ? <CommandButton spec={register} onDone={again} /> : null}
    >
      <When loaded={agencies}>
        {({ items }) => (
          <Table
            label="Agencies"
            rows={items}
            keyOf={(one) => one.agencyId}
            empty="No other agency is registered"
            columns={[
              { title: 'Agency', cell: (one) => <strong>{one.agencyId}</strong> },
              { title: 'Kind', cell: (one) => (one.kind === 'dcjis' ? 'State agency' : 'Agency') },
              { title: 'Agreement', cell: (one) => <Agreement agency={one} /> },
              { title: 'Covers', cell: (one) => (one.mou?.scope ?? []).map(titleOf).join(', ') },
              { title: '', cell: (one) => <AgencyActions agency={one} onDone={again} /> },
            ]}
          />
        )}
      </When>
    </Section>
  );
}

function Agreement({ agency: { mou, kind } }: { agency: AgencyRow }) {
  if (mou === null) return <Tag tone={kind === 'dcjis' ? 'plain' : 'warn'}>none</Tag>;
  const nowMs = Date.now();
  if (mou.toMs <= nowMs) return <Tag tone="bad">ended {dayOf(mou.toMs)}</Tag>;
  if (mou.fromMs > nowMs) return <Tag>from {dayOf(mou.fromMs)}</Tag>;
  return <Tag tone="good">until {dayOf(mou.toMs)}</Tag>;
}

function AgencyActions({ agency: { agencyId, mou }, onDone }: { agency: AgencyRow; onDone: () => unknown }) {
  const end: CommandSpec = {
    action: 'mou.end',
    title: `End the agreement with ${agencyId}`,
    about: 'Nothing more is shared from this moment on.',
    fixed: { agencyId },
    fields: [{ name: 'why', label: 'Why', kind: 'area' }],
  };
  const live = mou !== null && mou.toMs > Date.now();
  return (
    <div class="buttons">
      {may('mou.record') ? <CommandButton tiny label="Agreement" spec={agreement(agencyId)} onDone={onDone} /> : null}
      {live && may('mou.end') ? <CommandButton tiny label="End" spec={end} onDone={onDone} /> : null}
    </div>
  );
}
