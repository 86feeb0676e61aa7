import type { Items } from '../api/records.js';
import type { Criteria } from '../api/searches.js';
import { may } from '../session.js';
import { CommandButton } from '../ui/command_form.js';
import { type Loaded, When } from '../ui/load.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, titleOf } from '../ui/words.js';

export interface SavedSearch {
  readonly name: string;
  readonly criteria: Criteria;
  readonly atMs: number;
}

interface SavedProps {
  readonly saved: Loaded<Items<SavedSearch>>;
  /** Searches for it again, with the reason given now; `null` while there is none. */
  readonly onSearch: ((criteria: Criteria) => void) | null;
}

/** Questions one asks again and again; each time with a reason of its own [IV.A.5]. */
export function SavedSearches({ saved, onSearch }: SavedProps) {
  return (
    <When loaded={saved}>
      {({ items }) =>
        items.length === 0 ? null : (
          <Section title="My saved searches">
            <Table
              label="My saved searches"
              rows={items}
              keyOf={(one) => one.name}
              empty=""
              columns={[
                { title: 'Name', cell: (one) => <strong>{one.name}</strong> },
                { title: 'What', cell: (one) => <What criteria={one.criteria} /> },
                { title: 'Saved', cell: (one) => dayOf(one.atMs) },
                { title: '', cell: (one) => <Actions one={one} onSearch={onSearch} onDone={saved.again} /> },
              ]}
            />
            {onSearch === null ? (
              <p class="soft small">Give the reason above first; then search again from here.</p>
            ) : null}
          </Section>
        )
      }
    </When>
  );
}

function What({ criteria }: { criteria: Criteria }) {
  const { kind, plate, wildcard, plates, state, cameras } = criteria;
  const wanted = plate ?? wildcard ?? plates?.join(' ');
  return (
    <>
      {wanted ? <span class="plate">{wanted}</span> : 'any plate'} {state}
      <div class="small soft">
        {titleOf(kind)}
        {cameras ? ` at ${cameras.join(', ')}` : ''}
      </div>
    </>
  );
}

function Actions(props: { one: SavedSearch; onSearch: SavedProps['onSearch']; onDone: () => unknown }) {
  const { one, onSearch, onDone } = props;
  return (
    <div class="buttons">
      <button
        type="button"
        class="button tiny"
        disabled={onSearch === null}
        onClick={() => onSearch?.(upToNow(one.criteria))}
      >
        Search again
      </button>
      {may('search.forget') ? (
        <CommandButton
          tiny
          label="Forget"
          spec={{ action: 'search.forget', title: `Forget "${one.name}"`, fixed: { name: one.name }, fields: [] }}
          onDone={onDone}
        />
      ) : null}
    </div>
  );
}

/** The same span of time as when it was saved, up to now. */
function upToNow({ cursor: _cursor, fromMs, toMs, ...criteria }: Criteria): Criteria {
  if (fromMs === undefined || toMs === undefined) return criteria;
  const nowMs = Date.now();
  return { ...criteria, fromMs: nowMs - (toMs - fromMs), toMs: nowMs };
}

/** Beside the results: keep this question. */
export function SaveSearch({ criteria, onDone }: { criteria: Criteria; onDone: () => unknown }) {
  if (!may('search.save')) return null;
  const { cursor: _cursor, ...kept } = criteria;
  return (
    <CommandButton
      tiny
      label="Save this search"
      spec={{
        action: 'search.save',
        title: 'Save this search',
        about: 'The question alone; whoever asks it again states a reason again.',
        fixed: { criteria: kept },
        fields: [{ name: 'name', label: 'Name', kind: 'text' }],
      }}
      onDone={onDone}
    />
  );
}
