import { signal } from '@preact/signals';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Problem } from '../api/client.js';
import type { HitView } from '../api/views.js';
import { clockOffsetMs } from '../feed/feed.js';
import { hasRole, words } from '../session.js';
import { runCommand } from '../step_up.js';
import { CommandButton } from '../ui/command_form.js';
import { Notice, ProblemNotice } from '../ui/notice.js';

/** Set by whoever opens an alert to work on it: the keyboard goes straight to the plate. */
export const wantsTyping = signal(false);

const closingCodes: readonly string[] = ['PLATE_MISMATCH', 'STATE_MISMATCH'];

interface TypePlateProps {
  readonly hit: HitView;
  readonly shownAtMs: number | null;
  readonly onDone: () => unknown;
  /** The server has closed the hit, and says why. */
  readonly onMismatch: (problem: Problem) => void;
}

/**
 * Blind: what was read and what is wanted are not on the page, nor in it. A person types what the picture shows; the server compares
 * [IV.A.8.a(1)].
 */
export function TypePlate({ hit, shownAtMs, onDone, onMismatch }: TypePlateProps) {
  const [plate, setPlate] = useState('');
  const [state, setState] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const plateInput = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (wantsTyping.value) plateInput.current?.focus();
    wantsTyping.value = false;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'v' || event.ctrlKey || event.metaKey || isTyping(event)) return;
      event.preventDefault();
      plateInput.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    await looked(shownAtMs ?? 0);
    const typed = { typedPlate: plate.trim().toUpperCase(), pickedState: state.trim().toUpperCase() };
    const answer = await runCommand('hit.verify', {
      hitId: hit.hitId,
      ...typed,
      shownAtMs: Math.round(shownAtMs ?? 0),
    });
    setBusy(false);
    if (answer.ok) return onDone();
    setProblem(answer.problem);
    if (!closingCodes.includes(answer.problem.code)) return;
    onMismatch(answer.problem);
    onDone();
  }

  return (
    <form class="form" onSubmit={submit}>
      <h2>1. Type what you see</h2>
      <p class="soft small">
        Look at the picture, not at a list: what the camera read is hidden until you have typed it.
      </p>
      <Description hit={hit} onDone={onDone} />
      <div class="plate-row">
        <div class="field">
          <label for={`${id}-plate`}>Plate</label>
          <input
            ref={plateInput}
            id={`${id}-plate`}
            class="input digits big-input"
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            maxLength={12}
            required
            value={plate}
            onInput={(event) => setPlate(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label for={`${id}-state`}>State</label>
          <input
            id={`${id}-state`}
            class="input digits big-input"
            list={`${id}-states`}
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            maxLength={2}
            pattern="[A-Za-z]{2}"
            title="Two letters, such as MA"
            required
            value={state}
            onInput={(event) => setState(event.currentTarget.value)}
          />
          <datalist id={`${id}-states`}>
            {words.value?.states.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </div>
      </div>
      <ProblemNotice problem={problem} />
      <button type="submit" class="button primary" disabled={busy || shownAtMs === null}>
        {busy ? 'Comparing…' : 'Compare with the list'}
      </button>
      <p class="soft small">
        <kbd>Tab</kbd> to the state, <kbd>Enter</kbd> to compare. A difference closes the hit.
      </p>
    </form>
  );
}

/** The policy asks a person to look for some seconds; whoever types faster waits for the rest of them here. */
function looked(shownAtMs: number): Promise<void> {
  const leastMs = ((words.value?.numbers['verificationSecondsMin'] ?? 2) + 0.1) * 1000;
  const leftMs = shownAtMs + leastMs - (Date.now() + clockOffsetMs.value);
  return new Promise((resolve) => setTimeout(resolve, Math.min(leastMs, Math.max(0, leftMs))));
}

function isTyping(event: KeyboardEvent): boolean {
  return /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName);
}

/** A person says that the vehicle is another than the one described; then a supervisor has the word [IV.A.7.e]. */
function Description(props: { hit: HitView; onDone: () => unknown }) {
  const { descriptionConflict, descriptionOverridden } = props.hit;
  if (!descriptionConflict) return <VehicleDiffers {...props} />;
  return descriptionOverridden ? null : <DescriptionConflict {...props} />;
}

function VehicleDiffers({ hit, onDone }: { hit: HitView; onDone: () => unknown }) {
  const spec = {
    action: 'hit.report_conflict',
    title: 'The vehicle differs from the description',
    fixed: { hitId: hit.hitId },
    fields: [{ name: 'what', label: 'What differs', kind: 'area' }],
  } as const;
  return <CommandButton spec={spec} onDone={onDone} />;
}

function DescriptionConflict({ hit, onDone }: { hit: HitView; onDone: () => unknown }) {
  const spec = {
    action: 'hit.override_description',
    title: 'Supervisor: go on in spite of the description',
    fixed: { hitId: hit.hitId },
    fields: [{ name: 'why', label: 'Why the description does not rule this vehicle out', kind: 'area' }],
  } as const;
  return (
    <Notice tone="bad">
      <strong>The vehicle does not look as described.</strong>
      <span>Dismiss it, or a supervisor says why it may still be the one.</span>
      {hasRole('supervisor') ? <CommandButton spec={spec} onDone={onDone} /> : null}
    </Notice>
  );
}
