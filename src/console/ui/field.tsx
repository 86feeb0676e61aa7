import type { InputHTMLAttributes } from 'preact';
import { useId, useState } from 'preact/hooks';

/** One value of a form: how it is asked for and what it becomes in a command's input. */
export interface FieldSpec {
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly hint?: string;
  /** An optional field left empty is `null`. */
  readonly optional?: boolean;
  readonly options?: readonly Option[];
  readonly initial?: unknown;
  readonly placeholder?: string;
  readonly autoComplete?: string;
  /** Beside its neighbour where there is room. */
  readonly half?: boolean;
}

type FieldKind =
  | 'text'
  | 'area'
  | 'plate'
  | 'state'
  | 'number'
  | 'moment'
  | 'select'
  | 'checks'
  | 'yes_no'
  | 'document'
  | 'password'
  | 'code'
  | 'list';

export interface Option {
  readonly value: string;
  readonly label: string;
}

export interface FieldProps {
  readonly spec: FieldSpec;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

/** A labelled control; its hint is read out with it. */
export function Field({ spec, value, onChange }: FieldProps) {
  const id = useId();
  if (spec.kind === 'checks') return <Checks spec={spec} value={value} onChange={onChange} />;
  if (spec.kind === 'yes_no') return <YesNo spec={spec} value={value} onChange={onChange} />;
  return (
    <div class={spec.half ? 'field half' : 'field'}>
      <label for={id}>
        {spec.label}
        {spec.optional ? <span class="soft small"> (optional)</span> : null}
      </label>
      <Control id={id} spec={spec} value={value} onChange={onChange} />
      {spec.hint ? (
        <span class="hint" id={`${id}-hint`}>
          {spec.hint}
        </span>
      ) : null}
    </div>
  );
}

function Control({ id, spec, value, onChange }: FieldProps & { id: string }) {
  const text = value === null || value === undefined ? '' : String(value);
  const common = {
    id,
    name: spec.name,
    required: !spec.optional,
    ...(spec.hint && { 'aria-describedby': `${id}-hint` }),
    ...(spec.placeholder && { placeholder: spec.placeholder }),
    onInput: (event: Event) => onChange((event.target as HTMLInputElement).value),
  };
  switch (spec.kind) {
    case 'area':
      return <textarea {...common} value={text} rows={3} maxLength={2000} />;
    case 'select':
      return (
        <select {...common} value={text}>
          <option value="">Choose…</option>
          {spec.options?.map((one) => (
            <option key={one.value} value={one.value}>
              {one.label}
            </option>
          ))}
        </select>
      );
    case 'document':
      return <DocumentDigest {...common} onDigest={onChange} />;
    default:
      return <input {...common} {...inputOf(spec)} value={text} />;
  }
}

function inputOf(spec: FieldSpec): InputHTMLAttributes<HTMLInputElement> {
  const plain = { class: 'input', autoComplete: spec.autoComplete ?? 'off' } as const;
  const typed = { spellcheck: false, autoCapitalize: 'characters' } as const;
  switch (spec.kind) {
    case 'plate':
      return { ...plain, ...typed, class: 'input digits', type: 'text', maxLength: 16 };
    case 'state':
      return { ...plain, ...typed, class: 'input digits', type: 'text', maxLength: 2, pattern: '[A-Za-z]{2}' };
    case 'code':
      return { ...plain, class: 'input digits', type: 'text', inputMode: 'numeric', maxLength: 6 } as const;
    case 'number':
      return { ...plain, type: 'number', step: 'any' };
    case 'moment':
      return { ...plain, type: 'datetime-local' };
    case 'password':
      return { ...plain, type: 'password' };
    default:
      return { ...plain, type: 'text', maxLength: 500 };
  }
}

/** The document itself stays where it is; its SHA-256 is what is recorded. */
function DocumentDigest({
  onDigest,
  onInput: _ours,
  ...rest
}: { onDigest: (value: string) => void } & Record<string, unknown>) {
  const [digest, setDigest] = useState('');
  async function read(event: Event) {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (!file) return;
    const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    setDigest(hex);
    onDigest(hex);
  }
  return (
    <>
      <input {...rest} type="file" class="input" onChange={read} />
      {digest ? <span class="hint digits">SHA-256 {digest.slice(0, 16)}…</span> : null}
    </>
  );
}

function Checks({ spec, value, onChange }: FieldProps) {
  const chosen = (value as readonly string[] | null) ?? [];
  const toggle = (one: string) =>
    onChange(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  return (
    <fieldset class={spec.half ? 'field half' : 'field'}>
      <legend class="label">{spec.label}</legend>
      <div class="choices">
        {spec.options?.map((one) => (
          <label class="choice" key={one.value}>
            <input
              type="checkbox"
              name={spec.name}
              checked={chosen.includes(one.value)}
              onChange={() => toggle(one.value)}
            />
            {one.label}
          </label>
        ))}
      </div>
      {spec.hint ? <span class="hint">{spec.hint}</span> : null}
    </fieldset>
  );
}

function YesNo({ spec, value, onChange }: FieldProps) {
  const id = useId();
  const [yes, no] = spec.options ?? [
    { value: 'yes', label: 'Yes' },
    { value: 'no', label: 'No' },
  ];
  return (
    <fieldset class={spec.half ? 'field half' : 'field'}>
      <legend class="label">{spec.label}</legend>
      <div class="choices">
        {[yes, no].map((one, index) => (
          <label class="choice" key={one?.value}>
            <input
              type="radio"
              name={id}
              required
              checked={value === (index === 0)}
              onChange={() => onChange(index === 0)}
            />
            {one?.label}
          </label>
        ))}
      </div>
      {spec.hint ? <span class="hint">{spec.hint}</span> : null}
    </fieldset>
  );
}
