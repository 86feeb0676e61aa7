import type { DeploymentRow, Items } from '../api/records.js';
import { may } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { Notice, Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, momentOf, titleOf } from '../ui/words.js';

const dayMs = 86_400_000;

export interface DeploymentsView extends Items<DeploymentRow> {
  readonly absences: readonly { readonly absenceId: string; readonly fromMs: number; readonly toMs: number }[];
}

export const requestDeployment: CommandSpec = {
  action: 'deployment.request',
  title: 'Request a deployment',
  about: 'Inert until somebody else approves it [IV.A.6].',
  fields: [
    {
      name: 'kind',
      label: 'Kind',
      kind: 'select',
      options: [
        { value: 'fixed', label: 'Fixed' },
        { value: 'nontraditional', label: 'Non-traditional, with an end' },
      ],
    },
    { name: 'purpose', label: 'Purpose', kind: 'area' },
    { name: 'fromMs', label: 'From', kind: 'moment', initial: Date.now() },
    { name: 'toMs', label: 'To', kind: 'moment', optional: true },
  ],
};

/** Where and why cameras are used, who approved it, and when the administrator is away [IV.A.6]. */
export function Deployments({ view, onDone }: { view: DeploymentsView; onDone: () => unknown }) {
  return (
    <Section
      title="Deployments"
      actions={may('absence.open') ? <CommandButton spec={absenceSpec()} onDone={onDone} /> : null}
    >
      <Absences rows={view.absences} onDone={onDone} />
      <Table
        label="Deployments"
        rows={[...view.items].reverse()}
        keyOf={(one) => one.deploymentId}
        empty="No deployment"
        columns={[
          { title: 'Deployment', cell: (one) => one.deploymentId },
          { title: 'Kind', cell: (one) => titleOf(one.kind) },
          { title: 'From', cell: (one) => momentOf(one.fromMs) },
          { title: 'To', cell: (one) => (one.toMs === null ? 'open' : momentOf(one.toMs)) },
          { title: 'Standing', cell: (one) => <DeploymentStanding row={one} /> },
          { title: '', cell: (one) => <DeploymentActions row={one} onDone={onDone} /> },
        ]}
      />
    </Section>
  );
}

function absenceSpec(): CommandSpec {
  return {
    action: 'absence.open',
    title: 'I shall be away',
    about: 'Only then may the duty chief approve non-traditional deployments, for you to ratify.',
    fields: [
      { name: 'fromMs', label: 'From', kind: 'moment', initial: Date.now(), half: true },
      { name: 'toMs', label: 'Until', kind: 'moment', initial: Date.now() + 7 * dayMs, half: true },
      { name: 'why', label: 'Why', kind: 'area' },
    ],
  };
}

function Absences({ rows, onDone }: { rows: DeploymentsView['absences']; onDone: () => unknown }) {
  return rows
    .filter((one) => one.toMs > Date.now())
    .map(({ absenceId, fromMs, toMs }) => (
      <Notice key={absenceId} tone="warn">
        <span>
          The administrator is away from {momentOf(fromMs)} until {momentOf(toMs)}.{' '}
          {may('absence.close') ? (
            <CommandButton
              tiny
              label="Back already"
              spec={{ action: 'absence.close', title: 'End the absence', fixed: { absenceId }, fields: [] }}
              onDone={onDone}
            />
          ) : null}
        </span>
      </Notice>
    ));
}

function DeploymentStanding({ row }: { row: DeploymentRow }) {
  if (row.endedAtMs !== null) return <Tag>ended {dayOf(row.endedAtMs)}</Tag>;
  if (row.approvedBy === null) return <Tag tone="warn">waits for approval</Tag>;
  return <Tag tone="good">approved by {row.approvedBy}</Tag>;
}

function DeploymentActions({ row, onDone }: { row: DeploymentRow; onDone: () => unknown }) {
  const { deploymentId } = row;
  if (row.endedAtMs !== null) return null;
  return (
    <div class="buttons">
      {may('deployment.approve') && row.approvedBy === null ? (
        <CommandButton
          tiny
          label="Approve"
          spec={{ action: 'deployment.approve', title: 'Approve the deployment', fixed: { deploymentId }, fields: [] }}
          onDone={onDone}
        />
      ) : null}
      {may('deployment.ratify') && row.needsRatification ? (
        <CommandButton
          tiny
          label="Ratify"
          spec={{
            action: 'deployment.ratify',
            title: 'Ratify what the duty chief approved',
            fixed: { deploymentId },
            fields: [{ name: 'ratified', label: 'Ratified', kind: 'yes_no' }],
          }}
          onDone={onDone}
        />
      ) : null}
      {may('deployment.close') && row.approvedBy !== null ? (
        <CommandButton
          tiny
          label="Close"
          spec={{
            action: 'deployment.close',
            title: 'Close with its results',
            fixed: { deploymentId },
            fields: [{ name: 'results', label: 'What came of it: results, incidents, arrests', kind: 'area' }],
          }}
          onDone={onDone}
        />
      ) : null}
    </div>
  );
}
