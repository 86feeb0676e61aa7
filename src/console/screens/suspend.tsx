import { may, refreshSession, session } from '../session.js';
import { CommandForm } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Notice } from '../ui/notice.js';
import { Screen } from '../ui/screen.js';
import { momentOf } from '../ui/words.js';

interface SuspensionView {
  readonly suspended: boolean;
  readonly orderNo: string | null;
  readonly sinceMs: number | null;
  readonly resumeProposedBy: string | null;
}

const order = { name: 'orderNo', label: 'Order number', kind: 'text', hint: 'Letters, digits, : . _ -' } as const;
const why = { name: 'why', label: 'Why', kind: 'area' } as const;

/** One person stops the system; two lift it again: the administrator proposes, the department head agrees [II.C]. */
export function Suspend() {
  const suspension = useView<SuspensionView>('/api/suspension');
  const done = () => Promise.all([suspension.again(), refreshSession()]);
  return (
    <Screen title="Suspend the system" about="The city can stop everything; audit and retention go on.">
      <When loaded={suspension}>
        {(view) => (view.suspended ? <Lift view={view} onDone={done} /> : <Stop onDone={done} />)}
      </When>
    </Screen>
  );
}

function Stop({ onDone }: { onDone: () => unknown }) {
  if (!may('system.suspend'))
    return (
      <Notice tone="plain">The system is in operation. The administrator or the department head can suspend it.</Notice>
    );
  return (
    <div class="card narrow">
      <h2>Stop now</h2>
      <CommandForm
        spec={{
          action: 'system.suspend',
          title: 'Suspend the whole system',
          about:
            'Every camera is disconnected within seconds, nothing is read or stored, nobody sees a plate. One person is enough to stop.',
          fields: [order, why],
          grave: true,
        }}
        onDone={onDone}
      />
    </div>
  );
}

function Lift({ view, onDone }: { view: SuspensionView; onDone: () => unknown }) {
  const proposed = view.resumeProposedBy;
  return (
    <div class="cards">
      <section class="card" aria-label="Suspension">
        <h2>Suspended</h2>
        <dl class="facts">
          <dt>Order</dt>
          <dd>{view.orderNo}</dd>
          <dt>Since</dt>
          <dd>{view.sinceMs === null ? '' : momentOf(view.sinceMs)}</dd>
        </dl>
      </section>
      <section class="card" aria-label="First person">
        <h2>1. The administrator proposes</h2>
        {proposed !== null ? (
          <Notice tone="good">Proposed by {proposed}.</Notice>
        ) : may('system.propose_resume') ? (
          <CommandForm
            spec={{ action: 'system.propose_resume', title: 'Propose to resume', fields: [order, why] }}
            onDone={onDone}
          />
        ) : (
          <p class="soft">Waits for the administrator.</p>
        )}
      </section>
      <section class="card" aria-label="Second person">
        <h2>2. The department head agrees</h2>
        {proposed === null ? (
          <p class="soft">After the proposal.</p>
        ) : proposed !== session.value?.userId && may('system.resume') ? (
          <CommandForm
            spec={{ action: 'system.resume', title: 'Resume the system', fields: [order], grave: true }}
            onDone={onDone}
          />
        ) : (
          <p class="soft">Waits for the department head, another person.</p>
        )}
      </section>
    </div>
  );
}
