import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Answer, Done, Problem } from '../api/client.js';
import { runCommand } from '../step_up.js';
import { Dialog } from './dialog.js';
import { Field, type FieldSpec } from './field.js';
import { initialValues, inputOf } from './form_values.js';
import { ProblemNotice } from './notice.js';

export interface CommandSpec {
  readonly action: string;
  /** What the button says: a verb and its object. */
  readonly title: string;
  readonly fields: readonly FieldSpec[];
  /** Fixed parts of the input, such as the id of the row. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** What this does and what it needs, one or two sentences. */
  readonly about?: string;
  readonly grave?: boolean;
  /** Shapes the input when it is not flat. */
  readonly shape?: (input: Record<string, unknown>) => unknown;
  /** Where the command has an address of its own. */
  readonly send?: (input: unknown) => Promise<Answer<Done>>;
}

/** A form that is one command of the API; the server decides, the form shows what it said. */
export function CommandForm(props: {
  spec: CommandSpec;
  onDone: (done: Done) => unknown;
  children?: ComponentChildren;
}) {
  const { spec, onDone, children } = props;
  const [values, setValues] = useState(() => initialValues(spec.fields));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const flat = { ...spec.fixed, ...inputOf(spec.fields, values) };
    const input = spec.shape ? spec.shape(flat) : flat;
    const answer = await (spec.send ? spec.send(input) : runCommand(spec.action, input));
    if (answer.ok) await onDone(answer.value);
    else setProblem(answer.problem);
    setBusy(false);
  }

  return (
    <form class="form" onSubmit={submit}>
      {spec.about ? <p class="soft">{spec.about}</p> : null}
      <div class="fields">
        {spec.fields.map((field) => (
          <Field
            key={field.name}
            spec={field}
            value={values[field.name]}
            onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
          />
        ))}
      </div>
      {children}
      <ProblemNotice problem={problem} />
      <div class="buttons">
        <button type="submit" class={`button ${spec.grave ? 'grave' : 'primary'}`} disabled={busy}>
          {busy ? 'Working…' : spec.title}
        </button>
      </div>
    </form>
  );
}

/** A button that opens the form of a command in a dialog, which closes when the page behind it shows what was done. */
export function CommandButton(props: {
  spec: CommandSpec;
  onDone: (done: Done) => unknown;
  tiny?: boolean;
  label?: string;
}) {
  const { spec, onDone, tiny, label } = props;
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class={`button ${tiny ? 'tiny' : ''}`} onClick={() => setOpen(true)}>
        {label ?? spec.title}
      </button>
      {open ? (
        <Dialog title={spec.title} onClose={() => setOpen(false)}>
          <CommandForm
            spec={spec}
            onDone={async (done) => {
              await onDone(done);
              setOpen(false);
            }}
          />
        </Dialog>
      ) : null}
    </>
  );
}
