import { useState } from 'preact/hooks';
import type { Problem } from '../api/client.js';
import type { Items, LedgerRecord } from '../api/records.js';
import { muted, playFor, soundReady } from '../feed/sound.js';
import { makePasskey, passkeysWork } from '../passkey.js';
import { may, session } from '../session.js';
import { withStepUp } from '../step_up.js';
import { CommandButton } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Notice, ProblemNotice, Tag } from '../ui/notice.js';
import { Screen, Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, momentOf, titleOf } from '../ui/words.js';
import { recordColumns } from './ledger_records.js';
import { Profile } from './profile.js';

export function Account() {
  const view = session.value;
  if (view === null) return null;
  return (
    <Screen title="My account">
      <div class="cards">
        <section class="card" aria-label="Who I am">
          <h2>{view.name}</h2>
          <div class="tags">
            {view.roles.map((role) => (
              <Tag key={role}>{titleOf(role)}</Tag>
            ))}
          </div>
          <dl class="facts">
            <dt>Login</dt>
            <dd class="digits">{view.userId}</dd>
            <dt>Training</dt>
            <dd>
              {view.training}
              {view.trainedUntilMs ? `, until ${dayOf(view.trainedUntilMs)}` : ''}
            </dd>
            <dt>This session ends</dt>
            <dd>{momentOf(view.endsAtMs)} at the latest</dd>
          </dl>
        </section>
        <Sounds />
        {may('ticket.open') ? <Help /> : null}
        {passkeysWork() ? <Passkeys /> : null}
      </div>
      <MyRecord />
      <Section title="My alert profile">
        <div class="card">
          <Profile />
        </div>
      </Section>
    </Screen>
  );
}

/** What the ledger has of me, as auditors see it. */
function MyRecord() {
  const mine = useView<Items<LedgerRecord>>('/api/views/ledger.mine');
  return (
    <Section title="What is recorded of me">
      <When loaded={mine}>
        {({ items }) => (
          <Table
            label="What is recorded of me"
            rows={[...items].reverse().slice(0, 50)}
            keyOf={(one) => String(one.seq)}
            empty="Nothing yet"
            columns={recordColumns.filter((column) => column.title !== 'Who')}
          />
        )}
      </When>
    </Section>
  );
}

/** The technician helps others [IV.B.2.a(4)]. */
function Help() {
  const [asked, setAsked] = useState<number | null>(null);
  return (
    <section class="card" aria-label="Help">
      <h2>Help</h2>
      <p class="soft">The technician helps with equipment, training and this page.</p>
      {asked === null ? null : <Notice tone="good">Your question is no. {asked} in the ledger.</Notice>}
      <div class="buttons">
        <CommandButton
          label="Ask the technician"
          spec={{
            action: 'ticket.open',
            title: 'Ask the technician',
            fields: [{ name: 'text', label: 'Question', kind: 'area' }],
          }}
          onDone={({ sequence }) => setAsked(sequence)}
        />
      </div>
    </section>
  );
}

function Sounds() {
  return (
    <section class="card" aria-label="Sound">
      <h2>Sound</h2>
      <p class="soft">Each category has its own sound. Test it now, not when it matters.</p>
      {soundReady.value ? null : (
        <Notice tone="warn">The browser plays no sound until you have pressed a key or a button.</Notice>
      )}
      <div class="buttons">
        <button type="button" class="button" onClick={() => playFor('stolen_vehicle')}>
          Test the sound
        </button>
        <button
          type="button"
          class={`button ${muted.value ? 'grave' : ''}`}
          aria-pressed={muted.value}
          onClick={() => (muted.value = !muted.value)}
        >
          {muted.value ? 'Muted: unmute' : 'Mute on this page'}
        </button>
      </div>
    </section>
  );
}

function Passkeys() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [made, setMade] = useState(false);
  async function make() {
    const answer = await withStepUp(makePasskey);
    setProblem(answer.ok ? null : answer.problem);
    setMade(answer.ok);
  }
  return (
    <section class="card" aria-label="Passkey">
      <h2>Passkey</h2>
      <p class="soft">A passkey belongs to this device and this address: it can neither be copied nor phished.</p>
      <ProblemNotice problem={problem} />
      {made ? <Notice tone="good">The passkey is registered; use it at the next sign-in.</Notice> : null}
      <div class="buttons">
        <button type="button" class="button" onClick={make}>
          Register a passkey on this device
        </button>
      </div>
    </section>
  );
}
