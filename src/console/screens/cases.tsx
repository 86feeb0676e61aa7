import { useState } from 'preact/hooks';
import { type Answer, type Done, problemOf, send } from '../api/client.js';
import type { Items } from '../api/records.js';
import { may } from '../session.js';
import { withStepUp } from '../step_up.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Notice, Tag } from '../ui/notice.js';
import { Screen, Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, momentOf, titleOf } from '../ui/words.js';

interface CaseRow {
  readonly caseNo: string;
  readonly reads: number;
  readonly dispositionAtMs: number | null;
  readonly disposedAtMs: number | null;
}

interface DisclosureRow {
  readonly disclosureId: string;
  readonly kind: string;
  readonly recipient: string;
  readonly atMs: number;
}

/** What is kept for cases until their final disposition, and what left to whom [IV.F.2, IV.D.3]. */
export function Cases() {
  const cases = useView<Items<CaseRow>>('/api/cases');
  const disclosures = useView<Items<DisclosureRow>>(may('disclosures') ? '/api/views/disclosures' : null);
  const [said, setSaid] = useState<string | null>(null);
  const again = async (sentence?: string) => {
    await Promise.all([cases.again(), disclosures.again()]);
    if (sentence) setSaid(sentence);
  };
  return (
    <Screen title="Cases" about="Preserved beyond the retention, until the records unit records the final disposition.">
      {said ? <Notice tone="good">{said}</Notice> : null}
      <When loaded={cases}>
        {({ items }) => (
          <Table
            label="Cases"
            rows={items}
            keyOf={(one) => one.caseNo}
            empty="Nothing is preserved"
            columns={[
              { title: 'Case', cell: (one) => <strong class="digits">{one.caseNo}</strong> },
              { title: 'Reads', cell: (one) => one.reads },
              { title: 'Standing', cell: (one) => <Standing row={one} /> },
              { title: '', cell: (one) => <CaseActions row={one} onDone={again} /> },
            ]}
          />
        )}
      </When>
      {may('disclosures') ? (
        <Section title="What left">
          <When loaded={disclosures}>
            {({ items }) => (
              <Table
                label="Disclosures"
                rows={[...items].reverse()}
                keyOf={(one) => one.disclosureId}
                empty="Nothing left the department"
                columns={[
                  { title: 'No.', cell: (one) => one.disclosureId },
                  { title: 'When', cell: (one) => momentOf(one.atMs) },
                  { title: 'Kind', cell: (one) => titleOf(one.kind) },
                  { title: 'Recipient', cell: (one) => one.recipient },
                ]}
              />
            )}
          </When>
        </Section>
      ) : null}
    </Screen>
  );
}

function Standing({ row }: { row: CaseRow }) {
  if (row.disposedAtMs !== null) return <Tag>disposed {dayOf(row.disposedAtMs)}</Tag>;
  if (row.dispositionAtMs !== null)
    return <Tag tone="warn">final disposition {dayOf(row.dispositionAtMs)}: to be disposed</Tag>;
  return <Tag tone="good">kept</Tag>;
}

function CaseActions({ row, onDone }: { row: CaseRow; onDone: (said?: string) => unknown }) {
  const { caseNo } = row;
  const release: CommandSpec = {
    action: 'hold.release',
    title: 'Record the final disposition',
    fixed: { caseNo },
    fields: [{ name: 'disposition', label: 'Disposition', kind: 'area' }],
  };
  const dispose: CommandSpec = {
    action: 'hold.dispose',
    title: 'Dispose of the data',
    about: 'Rows and pictures are deleted; a certificate of it is recorded.',
    fixed: { caseNo },
    fields: [],
    grave: true,
    send: (input) => send<Done>('/api/cases/dispose', input),
  };
  return (
    <div class="buttons">
      {may('hold.release') && row.dispositionAtMs === null ? (
        <CommandButton tiny spec={release} onDone={() => onDone()} />
      ) : null}
      {may('hold.dispose') && row.dispositionAtMs !== null && row.disposedAtMs === null ? (
        <CommandButton tiny spec={dispose} onDone={() => onDone(`The data of case ${caseNo} is deleted.`)} />
      ) : null}
      {may('disclosure.release') && row.disposedAtMs === null ? (
        <CommandButton
          tiny
          label="Release"
          spec={discloseSpec(caseNo)}
          onDone={() => onDone('The package is downloaded and recorded.')}
        />
      ) : null}
    </div>
  );
}

function discloseSpec(caseNo: string): CommandSpec {
  return {
    action: 'disclosure.release',
    title: `Release of case ${caseNo}`,
    about:
      'A package with rows, pictures and the proof of the ledger; whoever receives it can check it without this system.',
    fixed: { caseNo },
    fields: [
      {
        name: 'kind',
        label: 'On what ground',
        kind: 'select',
        half: true,
        options: [
          { value: 'da_discovery', label: "District Attorney's discovery" },
          { value: 'court_order', label: 'Court order' },
          { value: 'subpoena', label: 'Subpoena' },
          { value: 'agency', label: 'Agency with an agreement' },
        ],
      },
      { name: 'recipient', label: 'Recipient', kind: 'text', half: true },
      { name: 'docketNo', label: 'Docket number', kind: 'text', optional: true, half: true },
      { name: 'agencyId', label: 'Agency', kind: 'text', optional: true, half: true },
      { name: 'documentSha256', label: 'Order or subpoena', kind: 'document', optional: true },
      { name: 'issuer', label: 'Issued by', kind: 'text', optional: true, half: true },
      { name: 'issuedAtMs', label: 'Issued', kind: 'moment', optional: true, half: true },
      { name: 'scope', label: 'Its scope', kind: 'text', optional: true },
      { name: 'purpose', label: 'Purpose', kind: 'area' },
    ],
    shape: ({ documentSha256, issuer, issuedAtMs, scope, ...rest }) => ({
      ...rest,
      process: documentSha256 === null ? null : { documentSha256, issuer, issuedAtMs, scope },
    }),
    send: (input) => withStepUp(() => download(input, caseNo)),
  };
}

async function download(input: unknown, caseNo: string): Promise<Answer<Done>> {
  const response = await fetch('/api/disclosures', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json', 'x-platestream': '1' },
    body: JSON.stringify(input),
  });
  if (!response.ok) return { ok: false, problem: await problemOf(response) };
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = `case-${caseNo}.zip`;
  link.click();
  URL.revokeObjectURL(link.href);
  const sequence = Number(response.headers.get('x-platestream-sequence'));
  return { ok: true, value: { sequence, id: null, warnings: [] }, sequence };
}
