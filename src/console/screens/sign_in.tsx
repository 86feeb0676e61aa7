import { useState } from 'preact/hooks';
import { type Problem, sessionEnded } from '../api/client.js';
import type { DemoLogin } from '../api/views.js';
import { passkeyAnswer, passkeysWork } from '../passkey.js';
import { hrefOf } from '../router.js';
import { banner, refreshBanner, signIn } from '../session.js';
import { Field } from '../ui/field.js';
import { Brand } from '../ui/icons.js';
import { Notice, ProblemNotice } from '../ui/notice.js';
import { titleOf } from '../ui/words.js';

const fields = {
  userId: { name: 'userId', label: 'Login', kind: 'text', autoComplete: 'username' },
  password: { name: 'password', label: 'Password', kind: 'password', autoComplete: 'current-password' },
  code: {
    name: 'code',
    label: 'Authenticator code',
    kind: 'code',
    autoComplete: 'one-time-code',
    hint: 'Six digits from your authenticator app.',
  },
} as const;

interface Typed {
  readonly userId: string;
  readonly password: string;
  readonly code: string;
}

const nothing: Typed = { userId: '', password: '', code: '' };

export function SignIn() {
  const [typed, setTyped] = useState(nothing);
  const [refused, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const problem = refused ?? sessionEnded.value;
  const atDoor = banner.value;
  const inUse = problem?.code === 'SESSION_IN_USE';
  const type = (name: keyof Typed) => (value: unknown) => setTyped((before) => ({ ...before, [name]: String(value) }));

  async function attempt({ userId, password, code }: Typed, passkey = false) {
    setBusy(true);
    setProblem(null);
    sessionEnded.value = null;
    const factor = passkey
      ? await passkeyAnswer(userId)
      : { ok: true as const, value: { kind: 'totp' as const, code } };
    const answer = factor.ok
      ? await signIn({ userId: userId.trim(), password, factor: factor.value, replace: inUse })
      : factor.problem;
    setBusy(false);
    setProblem(answer);
    // A code is good for one attempt.
    if (answer !== null) setTyped({ userId, password, code: '' });
  }

  /** The code on the page may be older than its half minute: asks for the present one. */
  async function enter(chosen: string) {
    await refreshBanner();
    const login = banner.value?.demo?.find((one) => one.userId === chosen);
    if (login !== undefined) await attempt(login);
  }

  return (
    <main class="door">
      <div class="door-pair">
        <form
          class="door-card"
          onSubmit={(event) => {
            event.preventDefault();
            void attempt(typed);
          }}
        >
          <div class="brand">
            <Brand />
            <h1>Sign in to platestream</h1>
          </div>
          {atDoor?.suspended ? (
            <Notice tone="bad">The system is suspended: no plate is shown to anybody.</Notice>
          ) : null}
          <Field spec={fields.userId} value={typed.userId} onChange={type('userId')} />
          <Field spec={fields.password} value={typed.password} onChange={type('password')} />
          <Field spec={fields.code} value={typed.code} onChange={type('code')} />
          <ProblemNotice problem={problem} />
          {inUse ? <Notice tone="warn">To end the other session, give the next code: each is good once.</Notice> : null}
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? 'Checking…' : inUse ? 'End the other session and sign in' : 'Sign in'}
          </button>
          {passkeysWork() ? (
            <button
              type="button"
              class="button"
              disabled={busy || typed.userId === '' || typed.password === ''}
              onClick={() => attempt(typed, true)}
            >
              Use a passkey instead of a code
            </button>
          ) : null}
          <p class="small soft">
            {atDoor?.needsFirstAdministrator ? 'This system is empty. ' : 'New here? '}
            <a href={hrefOf('enrol')}>
              {atDoor?.needsFirstAdministrator
                ? 'Make the first administrator'
                : 'Set up your login with your one-time token'}
            </a>
            .
          </p>
        </form>
        {atDoor?.demo ? <DemoLogins logins={atDoor.demo} busy={busy} onEnter={enter} /> : null}
      </div>
      <p class="use-banner">{atDoor?.text}</p>
    </main>
  );
}

/** The demonstration's people, made by the same commands as a department's. */
function DemoLogins(props: { logins: readonly DemoLogin[]; busy: boolean; onEnter: (userId: string) => void }) {
  return (
    <section class="door-card" aria-label="Demo logins">
      <Notice tone="warn">
        <strong>DEMO: simulated cameras, invented people, no real plates.</strong>
        <span>
          Three minutes: enter as <b>operator</b>, verify a car, make a search; then as <b>chief</b>, find both under
          Audit.
        </span>
      </Notice>
      <ul class="demo-logins">
        {props.logins.map((login) => (
          <li key={login.userId} class="demo-login">
            <span>
              <strong class="digits">{login.userId}</strong>{' '}
              <span class="small soft">{login.roles.map(titleOf).join(', ')}</span>
            </span>
            <button type="button" class="button tiny" disabled={props.busy} onClick={() => props.onEnter(login.userId)}>
              Enter
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
