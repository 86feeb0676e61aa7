import { useState } from 'preact/hooks';
import type { AroundPlace, Criteria, SearchKind } from '../api/searches.js';
import { words } from '../session.js';
import { Field, type Option } from '../ui/field.js';
import { fromLocalInput, localInputOf } from '../ui/words.js';

const kinds: readonly { readonly kind: SearchKind; readonly label: string; readonly about: string }[] = [
  { kind: 'reads', label: 'Reads', about: 'Every time and place a plate was read, with pictures.' },
  { kind: 'plates', label: 'First and last seen', about: 'One line for each plate.' },
  { kind: 'hours', label: 'By hour', about: 'How many reads in each hour; no plate is shown.' },
  {
    kind: 'co_travel',
    label: 'Travelled along',
    about: 'Other plates seen shortly before or after this one at several cameras.',
  },
];

const minuteMs = 60_000;
const dayMs = 86_400_000;

interface CriteriaProps {
  readonly cameras: readonly string[];
  readonly busy: boolean;
  readonly initial: Criteria | null;
  readonly onCriteria: (criteria: Criteria) => void;
}

/** What to find, where and when. */
export function CriteriaForm({ cameras, busy, initial, onCriteria }: CriteriaProps) {
  const [kind, setKind] = useState<SearchKind>(initial?.kind ?? 'reads');
  const [plates, setPlates] = useState(initial?.plate ?? initial?.wildcard ?? initial?.plates?.join(' ') ?? '');
  const [state, setState] = useState(initial?.state ?? '');
  const [at, setAt] = useState<readonly string[]>(initial?.cameras ?? []);
  const [around, setAround] = useState(placeText(initial?.area));
  const [to, setTo] = useState(localInputOf(initial?.toMs ?? Date.now() + minuteMs));
  // A whole day: the longest that may be asked for without a plate.
  const [from, setFrom] = useState(localInputOf(initial?.fromMs ?? Date.now() + minuteMs - dayMs));
  const [loose, setLoose] = useState<readonly string[]>(initial?.ocrEquivalents ? ['ocrEquivalents'] : []);
  const [seconds, setSeconds] = useState('30');
  const [camerasMin, setCamerasMin] = useState('2');

  function submit(event: Event) {
    event.preventDefault();
    const criteria: Criteria = {
      kind,
      ...platesOf(plates),
      ...(state.trim() && { state: state.trim().toUpperCase() }),
      ...(at.length > 0 && { cameras: at }),
      ...(around.trim() && { area: placeOf(around) }),
      fromMs: fromLocalInput(from),
      toMs: fromLocalInput(to),
      ...(loose.includes('ocrEquivalents') && kind !== 'co_travel' && { ocrEquivalents: true }),
      ...(loose.includes('alternatives') && kind !== 'co_travel' && { alternatives: true }),
      ...(kind === 'co_travel' && { withinSeconds: Number(seconds), camerasMin: Number(camerasMin) }),
      ...(kind === 'hours' ? { byCamera: true } : { pageRows: 100 }),
    };
    onCriteria(criteria);
  }

  const about = kinds.find((one) => one.kind === kind)?.about;
  const cameraOptions: Option[] = cameras.map((value) => ({ value, label: value }));
  return (
    <form class="card form" onSubmit={submit}>
      <h2>2. What are you looking for?</h2>
      <fieldset class="field">
        <legend class="unseen">Kind of search</legend>
        <div class="choices">
          {kinds.map((one) => (
            <label class="choice" key={one.kind}>
              <input type="radio" name="kind" checked={kind === one.kind} onChange={() => setKind(one.kind)} />
              {one.label}
            </label>
          ))}
        </div>
        <span class="hint">{about}</span>
      </fieldset>
      <div class="row">
        <Field
          spec={{
            name: 'plates',
            label: kind === 'co_travel' ? 'Plate' : 'Plate or plates',
            kind: 'text',
            optional: kind !== 'co_travel',
            hint: '? is one unknown character, * any run; several plates with spaces',
          }}
          value={plates}
          onChange={(value) => setPlates(String(value))}
        />
        <Field
          spec={{
            name: 'state',
            label: 'State',
            kind: 'state',
            optional: true,
            hint: `Such as ${words.value?.states.includes('MA') ? 'MA' : 'NY'}`,
          }}
          value={state}
          onChange={(value) => setState(String(value))}
        />
        <Field
          spec={{ name: 'from', label: 'From', kind: 'moment' }}
          value={from}
          onChange={(value) => setFrom(String(value))}
        />
        <Field
          spec={{ name: 'to', label: 'To', kind: 'moment' }}
          value={to}
          onChange={(value) => setTo(String(value))}
        />
        {kind === 'co_travel' ? (
          <>
            <Field
              spec={{ name: 'withinSeconds', label: 'Within seconds', kind: 'number' }}
              value={seconds}
              onChange={(value) => setSeconds(String(value))}
            />
            <Field
              spec={{ name: 'camerasMin', label: 'At cameras, at least', kind: 'number' }}
              value={camerasMin}
              onChange={(value) => setCamerasMin(String(value))}
            />
          </>
        ) : null}
      </div>
      {cameras.length > 0 ? (
        <Field
          spec={{
            name: 'cameras',
            label: 'Cameras',
            kind: 'checks',
            options: cameraOptions,
            hint: 'None chosen: all of them',
          }}
          value={at}
          onChange={(value) => setAt(value as string[])}
        />
      ) : null}
      <Field
        spec={{
          name: 'around',
          label: 'Around a place',
          kind: 'text',
          optional: true,
          hint: 'Latitude, longitude and metres, such as 42.3601 -71.0589 300',
        }}
        value={around}
        onChange={(value) => setAround(String(value))}
      />
      {kind === 'co_travel' ? null : (
        <Field
          spec={{
            name: 'loose',
            label: 'Also',
            kind: 'checks',
            options: [
              { value: 'ocrEquivalents', label: 'characters that look alike (0 O, 8 B)' },
              { value: 'alternatives', label: 'second-best readings' },
            ],
          }}
          value={loose}
          onChange={(value) => setLoose(value as string[])}
        />
      )}
      <div class="buttons">
        <button type="submit" class="button primary" disabled={busy}>
          {busy ? 'Searching…' : 'Search'}
        </button>
      </div>
    </form>
  );
}

const metresUsual = 300;

/** What is missing or no number stays so, and is refused by the search itself. */
function placeOf(text: string): AroundPlace {
  const [latitude = Number.NaN, longitude = Number.NaN, radiusMetres = metresUsual] = text
    .split(/[\s,;]+/)
    .filter((one) => one !== '')
    .map(Number);
  return { latitude, longitude, radiusMetres };
}

/** A search saved elsewhere may have an area of another shape: it is not shown. */
function placeText(area: Partial<AroundPlace> | undefined): string {
  return area?.radiusMetres === undefined ? '' : `${area.latitude} ${area.longitude} ${area.radiusMetres}`;
}

function platesOf(text: string): Pick<Criteria, 'plate' | 'wildcard' | 'plates'> {
  const folded = text
    .toUpperCase()
    .split(/[\s,;]+/)
    .map((one) => one.replace(/[^A-Z0-9?*]/g, ''))
    .filter((one) => one !== '');
  const [only] = folded;
  if (only === undefined) return {};
  if (folded.length > 1) return { plates: folded };
  return /[?*]/.test(only) ? { wildcard: only } : { plate: only };
}
