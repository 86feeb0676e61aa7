import { useEffect, useState } from 'preact/hooks';
import { type Problem, send } from '../api/client.js';
import type { Enrolment } from '../api/views.js';
import { hrefOf } from '../router.js';
import { banner, refreshBanner } from '../session.js';
import { Field, type FieldSpec } from '../ui/field.js';
import { Notice, ProblemNotice } from '../ui/notice.js';

const fields: Readonly<Record<string, FieldSpec>> = {
  token: {
    name: 'token',
    label: 'One-time token',
    kind: 'text',
    hint: 'From the machine (first administrator) or from your administrator.',
  },
  userId: {
    name: 'userId',
    label: 'Login',
    kind: 'text',
    autoComplete: 'username',
    hint: 'Small letters, digits, . _ -',
  },
  name: { name: 'name', label: 'Your name', kind: 'text', autoComplete: 'name' },
  password: {
    name: 'password',
    label: 'New password',
    kind: 'password',
    autoComplete: 'new-password',
    hint: 'At least 15 characters; several words are good. Never shared with anybody [II.D].',
  },
};

/** The first administrator of an empty system, or a new user, with a one-time token: password, then authenticator. */
export function Enrol() {
  const first = banner.value?.needsFirstAdministrator ?? false;
  const [values, setValues] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);

  async function submit(event: Event) {
    event.preventDefault();
    const { token = '', userId = '', name = '', password = '' } = values;
    const person = { token: token.trim(), userId: userId.trim(), password };
    const answer = first
      ? await send<Enrolment>('/api/first', { ...person, name: name.trim() })
      : await send<Enrolment>('/api/enrol', person);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setEnrolment(answer.value);
  }

  if (enrolment) return <Authenticator enrolment={enrolment} />;
  const shown = first ? ['token', 'userId', 'name', 'password'] : ['token', 'userId', 'password'];
  return (
    <main class="door">
      <form class="door-card" onSubmit={submit}>
        <h1>{first ? 'The first administrator' : 'Set up your login'}</h1>
        <p class="soft">
          {first
            ? 'This system is empty. The token that the program printed on its machine makes the first administrator, once.'
            : 'Your administrator gave you a one-time token. It works once, within three days.'}
        </p>
        {shown.map((key) => (
          <Field
            key={key}
            spec={fields[key] as FieldSpec}
            value={values[key] ?? ''}
            onChange={(value) => setValues((before) => ({ ...before, [key]: String(value) }))}
          />
        ))}
        <ProblemNotice problem={problem} />
        <button type="submit" class="button primary">
          Continue
        </button>
        <a class="small" href={hrefOf('alerts')}>
          Back to sign-in
        </a>
      </form>
    </main>
  );
}

function Authenticator({ enrolment }: { enrolment: Enrolment }) {
  return (
    <main class="door">
      <div class="door-card">
        <h1>Add it to your authenticator app</h1>
        <p class="soft">Scan the square with an authenticator app, or type the secret. It is shown once.</p>
        <QrSquare text={enrolment.totpUri} />
        <p class="field">
          <span class="label">Secret</span>
          <code class="digits secret">{enrolment.totpSecret}</code>
        </p>
        <Notice tone="plain">From now on every sign-in asks for your password and a six-digit code of the app.</Notice>
        <a class="button primary" href={hrefOf('alerts')} onClick={() => void refreshBanner()}>
          I have added it: sign in
        </a>
      </div>
    </main>
  );
}

/** Drawn here; no picture service learns the secret. */
function QrSquare({ text }: { text: string }) {
  const [cells, setCells] = useState<readonly (readonly boolean[])[]>([]);
  useEffect(() => {
    void import('uqr').then(({ encode }) => setCells(encode(text).data));
  }, [text]);
  const dark = cells.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${cells.length} ${cells.length}`}
      role="img"
      aria-label="QR code of the authenticator secret"
    >
      <path d={dark} />
    </svg>
  );
}
