import type { EntryRequestRow, EntryRow, Items } from '../api/records.js';
import type { VehicleWanted } from '../api/views.js';
import { may, words } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import type { FieldSpec } from '../ui/field.js';
import { useView, When } from '../ui/load.js';
import { Tag } from '../ui/notice.js';
import { Screen, Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, momentOf, titleOf } from '../ui/words.js';
import { categoryLabel } from './alert_words.js';
import { HotLists } from './hot_lists.js';

const hourMs = 3_600_000;
const why = { name: 'why', label: 'Why', kind: 'area' } as const;

type Content = Partial<
  Pick<EntryRow, 'plate' | 'state' | 'category' | 'caseNo' | 'vehicle' | 'expiresAtMs' | 'originAgency'>
>;

/** What a manual entry says; the vehicle's parts are flat in the form and one object in the command. */
function contentFields(of: Content = {}): FieldSpec[] {
  const categories = (words.value?.categories ?? []).filter((one) => one.authorised);
  return [
    {
      name: 'plate',
      half: true,
      label: 'Plate',
      kind: 'plate',
      optional: true,
      initial: of.plate ?? '',
      hint: 'Empty for a description alone, at most 72 hours',
    },
    { name: 'state', half: true, label: 'State', kind: 'state', optional: true, initial: of.state ?? '' },
    {
      name: 'category',
      half: true,
      label: 'Category',
      kind: 'select',
      initial: of.category ?? 'department_hot_list',
      options: categories.map((one) => ({ value: one.id, label: one.label })),
    },
    { name: 'caseNo', half: true, label: 'Case or incident number', kind: 'text', initial: of.caseNo ?? '' },
    { name: 'make', half: true, label: 'Make', kind: 'text', optional: true, initial: of.vehicle?.make ?? '' },
    { name: 'model', half: true, label: 'Model', kind: 'text', optional: true, initial: of.vehicle?.model ?? '' },
    { name: 'colour', half: true, label: 'Colour', kind: 'text', optional: true, initial: of.vehicle?.colour ?? '' },
    {
      name: 'expiresAtMs',
      half: true,
      label: 'Ends',
      kind: 'moment',
      initial: of.expiresAtMs ?? Date.now() + 7 * 24 * hourMs,
    },
    { name: 'originAgency', label: 'Originating agency', kind: 'text', optional: true, initial: of.originAgency ?? '' },
    why,
  ];
}

function withVehicle({ make, model, colour, ...rest }: Record<string, unknown>): unknown {
  const described = make !== null || model !== null || colour !== null;
  return { ...rest, vehicle: described ? { make, model, colour } : null };
}

function contentSpec(
  action: string,
  title: string,
  about: string,
  of?: Content,
  fixed?: Record<string, unknown>,
): CommandSpec {
  return { action, title, about, fields: contentFields(of), shape: withVehicle, ...(fixed && { fixed }) };
}

interface EntriesView extends Items<EntryRow> {
  readonly requests: readonly EntryRequestRow[];
}

/** What the cameras look for: the department's own entries, requests that wait, and the lists from outside. */
export function Entries() {
  const entries = useView<EntriesView>('/api/views/entries');
  const { again } = entries;
  const ask = contentSpec(
    'entry.request',
    'Ask for an entry',
    'A supervisor enters it; asking enters nothing [IV.A.7.b].',
  );
  const enter = contentSpec(
    'entry.create',
    'New entry',
    'It matches nothing until the plate is checked in CJIS [IV.A.7.d].',
  );
  return (
    <Screen
      title="Hot lists"
      actions={
        <>
          {may('entry.request') ? <CommandButton spec={ask} onDone={again} /> : null}
          {may('entry.create') ? <CommandButton spec={enter} onDone={again} /> : null}
        </>
      }
    >
      <When loaded={entries}>
        {({ items, requests }) => (
          <>
            <Requests rows={requests.filter((one) => one.entryId === null)} onDone={again} />
            <Section title="The department's own entries">
              <Table
                label="Entries"
                rows={[...items].reverse()}
                keyOf={(one) => one.entryId}
                empty="No manual entry"
                columns={[
                  { title: 'Plate', cell: (one) => <PlateOf of={one} /> },
                  { title: 'Standing', cell: (one) => <Standing entry={one} /> },
                  { title: 'Category', cell: (one) => categoryLabel(one.category) },
                  { title: 'Vehicle', cell: (one) => describe(one.vehicle) },
                  { title: 'Case', cell: (one) => one.caseNo },
                  { title: 'Ends', cell: (one) => momentOf(one.expiresAtMs) },
                  { title: 'Review due', cell: (one) => dayOf(one.reviewDueMs) },
                  { title: 'Entered by', cell: (one) => one.enteredBy },
                  { title: '', cell: (one) => <EntryActions entry={one} onDone={again} /> },
                ]}
              />
            </Section>
          </>
        )}
      </When>
      <HotLists />
    </Screen>
  );
}

function PlateOf({ of }: { of: { plate: string | null; state: string | null } }) {
  if (of.plate === null) return <span class="soft">description</span>;
  return (
    <>
      <span class="plate">{of.plate}</span> {of.state}
    </>
  );
}

function describe(vehicle: VehicleWanted | null): string {
  const parts = [vehicle?.year, vehicle?.colour, vehicle?.make, vehicle?.model, vehicle?.type].filter(Boolean);
  return parts.length > 0 ? titleOf(parts.join(' ')) : '';
}

const tones = { active: 'good', pending: 'warn', review_overdue: 'bad', expired: 'plain', removed: 'plain' } as const;

function Standing({ entry }: { entry: EntryRow }) {
  const text = entry.standing === 'pending' ? 'pending: CJIS check' : titleOf(entry.standing);
  return <Tag tone={tones[entry.standing]}>{text}</Tag>;
}

function Requests({ rows, onDone }: { rows: readonly EntryRequestRow[]; onDone: () => unknown }) {
  if (rows.length === 0) return null;
  return (
    <Section title="Requests that wait for a supervisor">
      <Table
        label="Requests"
        rows={rows}
        keyOf={(one) => one.requestId}
        empty="None"
        columns={[
          { title: 'Plate', cell: (one) => <PlateOf of={one} /> },
          { title: 'Category', cell: (one) => categoryLabel(one.category) },
          { title: 'Case', cell: (one) => one.caseNo },
          { title: 'Asked by', cell: (one) => one.by },
          {
            title: '',
            cell: (one) =>
              may('entry.create') ? (
                <CommandButton
                  tiny
                  label="Enter"
                  spec={contentSpec(
                    'entry.create',
                    'Enter what was asked for',
                    'Check every field before entering.',
                    one,
                    { requestId: one.requestId },
                  )}
                  onDone={onDone}
                />
              ) : null,
          },
        ]}
      />
    </Section>
  );
}

function cjisSpec({ entryId }: EntryRow): CommandSpec {
  return {
    action: 'entry.check_cjis',
    title: 'Record the CJIS check',
    about: 'Type what CJIS returned, not what was entered. A second supervisor attests it [IV.A.7.d].',
    fixed: { entryId },
    fields: [
      { name: 'reference', label: 'CJIS transaction', kind: 'text' },
      { name: 'queriedAtMs', label: 'Queried', kind: 'moment', initial: Date.now() },
      { name: 'returnedPlate', label: 'Plate as returned', kind: 'plate' },
      { name: 'returnedState', label: 'State as returned', kind: 'state' },
    ],
  };
}

function EntryActions({ entry, onDone }: { entry: EntryRow; onDone: () => unknown }) {
  const { entryId, standing } = entry;
  if (standing === 'removed' || standing === 'expired') return null;
  return (
    <div class="buttons">
      {standing === 'pending' && may('entry.check_cjis') ? (
        <CommandButton tiny label="CJIS check" spec={cjisSpec(entry)} onDone={onDone} />
      ) : null}
      {may('entry.review') ? (
        <CommandButton
          tiny
          label="Review"
          spec={{
            action: 'entry.review',
            title: 'Still current',
            about: 'Says that this entry is still needed.',
            fixed: { entryId },
            fields: [why],
          }}
          onDone={onDone}
        />
      ) : null}
      {may('entry.update') ? (
        <CommandButton
          tiny
          label="Change"
          spec={contentSpec(
            'entry.update',
            'Change the entry',
            'A change is a new version that is checked again.',
            entry,
            { entryId },
          )}
          onDone={onDone}
        />
      ) : null}
      {may('entry.remove') ? (
        <CommandButton
          tiny
          label="Remove"
          spec={{ action: 'entry.remove', title: 'Remove the entry', fixed: { entryId }, fields: [why], grave: true }}
          onDone={onDone}
        />
      ) : null}
    </div>
  );
}
