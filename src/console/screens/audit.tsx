import { useState } from 'preact/hooks';
import type { AuditRow, Items, LedgerRecord } from '../api/records.js';
import { may, session } from '../session.js';
import { CommandButton } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Notice, Tag } from '../ui/notice.js';
import { Screen, Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf } from '../ui/words.js';
import { Records, recordColumns } from './ledger_records.js';
import { Looks } from './looks.js';
import { Misuse } from './misuse.js';

/** Who did what and why; the quarterly audits and what they found. */
export function AuditScreen() {
  return (
    <Screen title="Audit" about="Every use leaves a record that nobody can change unseen.">
      {may('ledger') ? <LedgerStatus /> : null}
      {may('ledger.records') ? <Records /> : null}
      {may('audit.looks') ? <Looks /> : null}
      {may('audits') ? <Audits /> : null}
      {may('misuse') ? <Misuse /> : null}
    </Screen>
  );
}

interface StatusView {
  readonly size: number;
  readonly headHash: string;
  readonly poisoned: boolean | string | null;
}

function LedgerStatus() {
  const status = useView<StatusView>('/api/views/ledger');
  return (
    <When loaded={status}>
      {({ size, headHash, poisoned }) =>
        poisoned ? (
          <Notice tone="bad">The ledger has failed; nothing is answered until it is repaired.</Notice>
        ) : (
          <p class="small soft">
            {size.toLocaleString()} records; the chain ends in <span class="digits">{headHash.slice(0, 16)}…</span>
          </p>
        )
      }
    </When>
  );
}

function Audits() {
  const audits = useView<Items<AuditRow>>('/api/views/audits');
  const { again } = audits;
  const open = {
    action: 'audit.open',
    title: 'Open the quarterly audit',
    about: 'For an auditor who holds no other role. The sample is drawn by the ledger, not by a person.',
    fields: [{ name: 'auditor', label: 'Auditor (login)', kind: 'text' }],
  } as const;
  return (
    <Section title="Audits" actions={may('audit.open') ? <CommandButton spec={open} onDone={again} /> : null}>
      <When loaded={audits}>
        {({ items }) => (
          <>
            {items.length === 0 ? <p class="soft">No audit has been opened yet.</p> : null}
            {[...items].reverse().map((audit) => (
              <Audit key={audit.auditId} audit={audit} onDone={again} />
            ))}
          </>
        )}
      </When>
    </Section>
  );
}

function Audit({ audit, onDone }: { audit: AuditRow; onDone: () => unknown }) {
  const { auditId, auditor, sample, closedAtMs } = audit;
  const mine = auditor === session.value?.userId && closedAtMs === null;
  const text = (name: string, label: string) => [{ name, label, kind: 'area' } as const];
  return (
    <article class="card">
      <div class="screen-head">
        <h3>
          {auditId}, opened {dayOf(audit.openedAtMs)} for {auditor}
        </h3>
        {closedAtMs === null ? <Tag tone="warn">open</Tag> : <Tag tone="good">closed {dayOf(closedAtMs)}</Tag>}
        {mine ? (
          <div class="buttons">
            {sample === null && may('audit.sample') ? (
              <CommandButton
                tiny
                spec={{ action: 'audit.sample', title: 'Draw the sample', fixed: { auditId }, fields: [] }}
                onDone={onDone}
              />
            ) : null}
            {may('audit.find') ? (
              <CommandButton
                tiny
                spec={{
                  action: 'audit.find',
                  title: 'Record a finding',
                  fixed: { auditId },
                  fields: text('text', 'Finding'),
                }}
                onDone={onDone}
              />
            ) : null}
            {may('audit.close') ? (
              <CommandButton
                tiny
                spec={{
                  action: 'audit.close',
                  title: 'Close the audit',
                  fixed: { auditId },
                  fields: text('conclusion', 'Conclusion'),
                }}
                onDone={onDone}
              />
            ) : null}
          </div>
        ) : null}
      </div>
      {audit.findings.length > 0 ? <Findings audit={audit} onDone={onDone} /> : null}
      {sample !== null && may('audit.records') ? <Sample auditId={auditId} count={sample.length} /> : null}
    </article>
  );
}

function Findings({ audit, onDone }: { audit: AuditRow; onDone: () => unknown }) {
  return (
    <ul class="form">
      {audit.findings.map((finding) => (
        <li key={finding.findingId} class="notice">
          <span>{finding.text}</span>
          {finding.answer !== null ? <span class="why">Answer: {finding.answer}</span> : null}
          {finding.answer === null && may('audit.answer') ? (
            <span>
              <CommandButton
                tiny
                spec={{
                  action: 'audit.answer',
                  title: 'Answer the finding',
                  fixed: { auditId: audit.auditId, findingId: finding.findingId },
                  fields: [{ name: 'answer', label: 'Answer', kind: 'area' }],
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

function Sample({ auditId, count }: { auditId: string; count: number }) {
  const [shown, setShown] = useState(false);
  const records = useView<Items<LedgerRecord>>(shown ? `/api/audits/${encodeURIComponent(auditId)}/sample` : null);
  if (!shown) {
    return (
      <button type="button" class="button tiny" onClick={() => setShown(true)}>
        Show the {count} sampled records
      </button>
    );
  }
  return (
    <When loaded={records}>
      {({ items }) => (
        <Table
          label="Sample"
          rows={items}
          keyOf={(one) => String(one.seq)}
          empty="Empty sample"
          columns={recordColumns}
        />
      )}
    </When>
  );
}
