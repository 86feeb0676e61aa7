import { useState } from 'preact/hooks';
import type { Items, LedgerRecord } from '../api/records.js';
import { place } from '../router.js';
import { useView, When } from '../ui/load.js';
import { Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { type Column, Table } from '../ui/table.js';
import { momentOf, titleOf } from '../ui/words.js';

export const recordColumns: readonly Column<LedgerRecord>[] = [
  { title: 'No.', cell: (one) => <span class="digits">{one.seq}</span> },
  { title: 'When', cell: (one) => <span class="nowrap">{momentOf(new Date(one.ts_utc).getTime())}</span> },
  { title: 'Who', cell: (one) => <Who record={one} /> },
  { title: 'What', cell: (one) => <What record={one} /> },
  { title: 'Decision', cell: (one) => <Decision record={one} /> },
  { title: 'Why', cell: (one) => <Why record={one} /> },
];

function Who({ record }: { record: LedgerRecord }) {
  return (
    <>
      {record.actor_name || record.actor_id}
      <div class="small soft">{(record.roles ?? []).map(titleOf).join(', ')}</div>
    </>
  );
}

/** The parts of a request that say what was asked of the reads. */
interface AskedOf {
  readonly asked?: string;
  readonly with?: { readonly plate?: string | null };
}

function What({ record }: { record: LedgerRecord }) {
  const { with: wanted } = (record.request ?? {}) as AskedOf;
  return (
    <>
      <span class="digits">{actionOf(record)}</span>
      {wanted?.plate ? (
        <div>
          <span class="plate">{wanted.plate}</span>
        </div>
      ) : null}
      {record.object_id ? <div class="small soft digits breakable">{record.object_id}</div> : null}
      {record.result_count === undefined ? null : <div class="small soft">{record.result_count} rows shown</div>}
    </>
  );
}

function Decision({ record }: { record: LedgerRecord }) {
  if (record.decision === 'refuse') {
    return (
      <>
        <Tag tone="bad">{record.code ?? 'refused'}</Tag>
        <div class="small soft">{record.clause}</div>
      </>
    );
  }
  return <Tag tone="good">allowed</Tag>;
}

function Why({ record: { reason } }: { record: LedgerRecord }) {
  if (!reason) return null;
  return (
    <>
      {reason.facts}
      <div class="small soft">
        {reason.basis ? titleOf(reason.basis) : ''} {reason.caseNo ?? ''}
      </div>
    </>
  );
}

const pageRecords = 500;
/** What is recorded while people look and work: of use to an auditor, in the way of everybody else. */
const ownActions: readonly string[] = [
  'view.show',
  'alert.deliver',
  'alert.image',
  'reads.image',
  'access.outcome',
  'hit.open',
];

function actionOf({ action, request }: LedgerRecord): string {
  return (request as AskedOf | undefined)?.asked ?? action;
}

/** Who looked at what: the ledger's newest records, by person or by object. */
export function Records() {
  const [actor, setActor] = useState('');
  const [object, setObject] = useState(place.value.about ?? '');
  const [everything, setEverything] = useState(false);
  const [asked, setAsked] = useState({ actor: '', object });
  const query = new URLSearchParams({ limit: String(pageRecords) });
  // Without a wish the newest records; with one, the whole ledger from its start.
  if (asked.actor || asked.object) query.set('from', '1');
  if (asked.actor) query.set('actor', asked.actor);
  if (asked.object) query.set('object', asked.object);
  const records = useView<Items<LedgerRecord>>(`/api/views/ledger.records?${query}`);
  return (
    <Section title="Who did what">
      <form
        class="buttons"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked({ actor: actor.trim(), object: object.trim() });
          records.again();
        }}
      >
        <label class="field">
          <span class="label">By (login)</span>
          <input class="input" value={actor} onInput={(event) => setActor(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span class="label">About (alert, hit, read, person)</span>
          <input class="input" value={object} onInput={(event) => setObject(event.currentTarget.value)} />
        </label>
        <button type="submit" class="button align-end">
          Look
        </button>
        <label class="choice align-end">
          <input type="checkbox" checked={everything} onChange={() => setEverything(!everything)} />
          Also each look at a picture or a screen
        </label>
      </form>
      <When loaded={records}>
        {({ items }) => (
          <Table
            label="Records"
            rows={items.filter((one) => everything || !ownActions.includes(actionOf(one))).reverse()}
            keyOf={(one) => String(one.seq)}
            empty="No record like that"
            columns={recordColumns}
          />
        )}
      </When>
    </Section>
  );
}
