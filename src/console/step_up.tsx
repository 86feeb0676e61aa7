import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { type Answer, command, type Done, type Problem, send } from './api/client.js';
import { Dialog } from './ui/dialog.js';
import { Field } from './ui/field.js';
import { ProblemNotice } from './ui/notice.js';

/** Somebody waits for the second factor; told whether it was given. */
const asking = signal<((given: boolean) => void) | null>(null);

function askForSecondFactor(): Promise<boolean> {
  return new Promise((resolve) => {
    asking.value = (given) => {
      asking.value = null;
      resolve(given);
    };
  });
}

/** Asks once; where the API wants the second factor again, the person is asked for it and the request repeated. */
export async function withStepUp<Value>(request: () => Promise<Answer<Value>>): Promise<Answer<Value>> {
  const first = await request();
  if (first.ok || first.problem.code !== 'MFA_REQUIRED') return first;
  return (await askForSecondFactor()) ? request() : first;
}

export function runCommand(action: string, input: unknown): Promise<Answer<Done>> {
  return withStepUp(() => command(action, input));
}

const codeField = { name: 'code', label: 'Authenticator code', kind: 'code', autoComplete: 'one-time-code' } as const;

export function StepUpDialog() {
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const waiting = asking.value;
  if (waiting === null) return null;

  function finish(given: boolean) {
    setCode('');
    setProblem(null);
    waiting?.(given);
  }

  async function confirm(event: Event) {
    event.preventDefault();
    const answer = await send<null>('/api/session/step-up', { factor: { kind: 'totp', code } });
    if (answer.ok) finish(true);
    else setProblem(answer.problem);
  }

  return (
    <Dialog title="Confirm that it is you" onClose={() => finish(false)}>
      <form class="form" onSubmit={confirm}>
        <p class="soft">This action asks for your second factor again [IV.C.2.a].</p>
        <Field spec={codeField} value={code} onChange={(value) => setCode(String(value))} />
        <ProblemNotice problem={problem} />
        <div class="buttons">
          <button type="submit" class="button primary">
            Confirm
          </button>
        </div>
      </form>
    </Dialog>
  );
}
