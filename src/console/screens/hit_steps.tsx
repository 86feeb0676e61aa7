import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../api/client.js';
import type { AlertView, HitView } from '../api/views.js';
import { alerts, isOpen, refreshAlert } from '../feed/alerts_state.js';
import { hrefOf } from '../router.js';
import { may, whyNot } from '../session.js';
import { CommandButton, CommandForm, type CommandSpec } from '../ui/command_form.js';
import { Notice, ProblemNotice } from '../ui/notice.js';
import { clockOf } from '../ui/words.js';
import { HandedOver, HandOver } from './hit_handover.js';
import { TypePlate, wantsTyping } from './type_plate.js';

interface StepsProps {
  readonly alert: AlertView;
  /** When the plate's picture came onto the screen, server time. */
  readonly shownAtMs: number | null;
}

/** The next thing a person has to do with a hit, one at a time: type the plate, check the status, act or dismiss. */
export function HitSteps({ alert, shownAtMs }: StepsProps) {
  const { hit } = alert;
  const [closedBecause, setClosedBecause] = useState<Problem | null>(null);
  if (hit === null) return <Notice tone="plain">This alert is being opened; the steps appear here.</Notice>;
  if (!may('hit.verify')) return <NotYours />;
  if (hit.closed !== null) return <Closed hit={hit} because={closedBecause} />;
  const again = () => refreshAlert(alert.id);
  return (
    <section class="card verify" aria-label="Next step">
      <HandedOver hit={hit} />
      {hit.verified === null ? (
        <TypePlate hit={hit} shownAtMs={shownAtMs} onDone={again} onMismatch={setClosedBecause} />
      ) : hit.status === null ? (
        <CheckStatus hit={hit} onDone={again} />
      ) : (
        <Act hit={hit} onDone={again} />
      )}
      <div class="buttons">
        {hit.verified === null ? <CommandButton spec={dismissSpec(hit.hitId)} onDone={again} /> : null}
        <HandOver hit={hit} onDone={again} />
      </div>
    </section>
  );
}

function NotYours() {
  const why = whyNot('hit.verify');
  return why ? <ProblemNotice problem={{ status: 403, ...why }} /> : null;
}

function Closed({ hit: { closed }, because }: { hit: HitView; because: Problem | null }) {
  if (closed === null) return null;
  return (
    <>
      <ProblemNotice problem={because} />
      <Notice tone={closed.disposition === 'acted_on' ? 'good' : 'plain'}>
        <span>
          Closed by {closed.by}
          {closed.caseNo ? <> for case {closed.caseNo}</> : null}.
        </span>
        <NextOpen />
      </Notice>
    </>
  );
}

/** What waits next; the keyboard is there already. */
function NextOpen() {
  const next = alerts.value.find((one) => isOpen(one) && one.hit !== null);
  const href = next ? hrefOf('alerts', next.id) : hrefOf('alerts');
  return (
    <a ref={(element) => element?.focus()} class="button" href={href} onClick={() => (wantsTyping.value = true)}>
      {next ? 'Next open alert' : 'Back to the list'}
    </a>
  );
}

const sources = [
  { value: 'cjis', label: 'CJIS' },
  { value: 'ncic', label: 'NCIC' },
  { value: 'rms', label: 'Records (RMS)' },
  { value: 'other', label: 'Other source' },
];

function statusSpec(hitId: string): CommandSpec {
  return {
    action: 'hit.check_status',
    title: 'Record the status',
    fixed: { hitId },
    fields: [
      { name: 'source', label: 'Source', kind: 'select', options: sources, initial: 'cjis', half: true },
      {
        name: 'reference',
        label: 'Reference',
        kind: 'text',
        placeholder: 'Transaction',
        half: true,
      },
      {
        name: 'active',
        label: 'Result',
        kind: 'yes_no',
        options: [
          { value: 'yes', label: 'Active' },
          { value: 'no', label: 'Not active' },
        ],
      },
    ],
  };
}

function deferSpec(hitId: string): CommandSpec {
  return {
    action: 'hit.defer',
    title: 'Defer the check',
    about:
      'Only when circumstances do not allow it now. It is due within 15 minutes, and a late one is shown to supervisors.',
    fixed: { hitId },
    fields: [
      { name: 'why', label: 'Why it cannot be checked now', kind: 'text' },
      { name: 'dueMs', label: 'Due', kind: 'moment', initial: Date.now() + 14 * 60_000 },
    ],
  };
}

function CheckStatus({ hit, onDone }: { hit: HitView; onDone: () => unknown }) {
  const { deferral } = hit;
  return (
    <>
      <h2>2. Check the status</h2>
      {deferral ? (
        <Notice tone={hit.deferralLate ? 'bad' : 'warn'}>
          Deferred until {clockOf(deferral.dueMs)}: {deferral.reason}
        </Notice>
      ) : null}
      <AutoFocus>
        <CommandForm spec={statusSpec(hit.hitId)} onDone={onDone} />
      </AutoFocus>
      <div class="buttons">
        {deferral ? null : <CommandButton spec={deferSpec(hit.hitId)} onDone={onDone} />}
        {hit.stopReady && hit.stop === null ? <StopButton hitId={hit.hitId} onDone={onDone} /> : null}
        <CommandButton spec={dismissSpec(hit.hitId)} onDone={onDone} />
      </div>
    </>
  );
}

function StopButton({ hitId, onDone }: { hitId: string; onDone: () => unknown }) {
  const spec: CommandSpec = {
    action: 'hit.record_stop',
    title: 'Record the stop',
    about: 'Records that a vehicle was stopped on this verified hit.',
    fixed: { hitId },
    fields: [],
  };
  return <CommandButton spec={spec} onDone={onDone} />;
}

function actedOnSpec(hitId: string): CommandSpec {
  return {
    action: 'hit.close',
    title: 'Close as acted on',
    about: 'Pictures and record are preserved for the case by this very record.',
    fixed: { hitId, disposition: 'acted_on' },
    fields: [
      { name: 'caseNo', label: 'Case number', kind: 'text', half: true },
      { name: 'arrest', label: 'Arrest', kind: 'yes_no', initial: false, half: true },
      { name: 'note', label: 'What was done', kind: 'area' },
    ],
  };
}

function dismissSpec(hitId: string): CommandSpec {
  return {
    action: 'hit.close',
    title: 'Dismiss',
    fixed: { hitId },
    fields: [
      {
        name: 'disposition',
        label: 'Why',
        kind: 'select',
        options: [
          { value: 'dismissed', label: 'Not to be acted on' },
          { value: 'not_found', label: 'Vehicle not found' },
          { value: 'training_canary', label: 'A test' },
        ],
      },
      { name: 'note', label: 'Note', kind: 'area' },
    ],
  };
}

function Act({ hit, onDone }: { hit: HitView; onDone: () => unknown }) {
  const [acting, setActing] = useState(true);
  return (
    <>
      <h2>3. Act, or dismiss</h2>
      {acting ? (
        <AutoFocus>
          <CommandForm spec={actedOnSpec(hit.hitId)} onDone={onDone} />
        </AutoFocus>
      ) : (
        <CommandForm spec={dismissSpec(hit.hitId)} onDone={onDone} />
      )}
      <div class="buttons">
        {hit.stop === null ? (
          <StopButton hitId={hit.hitId} onDone={onDone} />
        ) : (
          <Notice tone="plain">Stop recorded.</Notice>
        )}
        <button type="button" class="button" onClick={() => setActing(!acting)}>
          {acting ? 'Dismiss instead' : 'Act instead'}
        </button>
      </div>
    </>
  );
}

/** A step that follows a step takes the keyboard with it. */
function AutoFocus({ children }: { children: ComponentChildren }) {
  return (
    <div
      ref={(element) => {
        if (element && !element.dataset['focused']) {
          element.dataset['focused'] = 'yes';
          element.querySelector<HTMLElement>('select, input, textarea')?.focus();
        }
      }}
    >
      {children}
    </div>
  );
}
