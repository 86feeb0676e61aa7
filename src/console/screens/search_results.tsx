import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { send } from '../api/client.js';
import type { CameraRow } from '../api/records.js';
import type { CompanyRow, Criteria, Found, FoundRow, HourRow, PlateRow, ReadRow } from '../api/searches.js';
import { Plan } from '../map/plan.js';
import { may, words } from '../session.js';
import { CommandButton } from '../ui/command_form.js';
import { Empty, Notice, Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { type Column, Table } from '../ui/table.js';
import { chanceOf, momentOf } from '../ui/words.js';
import type { Asked } from './search.js';
import { Exports } from './search_export.js';
import { ReadPicture } from './search_picture.js';
import { Timeline } from './timeline.js';

interface ResultsProps {
  readonly found: Found;
  readonly asked: Asked;
  readonly cameras: readonly CameraRow[];
  readonly onMore: () => void;
  readonly onSearch: (criteria: Criteria) => void;
  /** What may be done with the question itself. */
  readonly actions: ComponentChildren;
}

/** What was found, and the ledger's number of the question on every page. */
export function Results({ found, asked, cameras, onMore, onSearch, actions }: ResultsProps) {
  const { rows, end } = found;
  const reads = rows.filter((row): row is ReadRow => row.kind === 'read');
  return (
    <Section
      title={`${rows.length} found`}
      actions={
        <>
          <LedgerNumber found={found} />
          {actions}
        </>
      }
    >
      {end.complete ? null : (
        <Notice tone="warn">
          <span>INCOMPLETE: there is more than is shown here. {end.cursor ? '' : 'Ask a narrower question.'}</span>
        </Notice>
      )}
      {rows.length === 0 ? <Empty title="Nothing was found">In the time and at the cameras asked for.</Empty> : null}
      {reads.length > 0 ? <Where reads={reads} cameras={cameras} /> : null}
      <Rows rows={rows} asked={asked} onSearch={onSearch} />
      {end.cursor ? (
        <button type="button" class="button" onClick={onMore}>
          Next page
        </button>
      ) : null}
      {reads.length > 0 && may('reads.export') ? <Exports asked={asked} /> : null}
      {reads.length > 0 && may('hold.open') ? <Preserve reads={reads} caseNo={asked.reason.caseNo} /> : null}
    </Section>
  );
}

function LedgerNumber({ found }: { found: Found }) {
  return (
    <span class="small soft">
      {momentOf(found.fromMs)} to {momentOf(found.toMs)} · <Tag>ledger no. {found.sequence}</Tag>
    </span>
  );
}

function Where({ reads, cameras }: { reads: readonly ReadRow[]; cameras: readonly CameraRow[] }) {
  const oldestFirst = [...reads].sort((a, b) => a.capturedAtMs - b.capturedAtMs);
  const onePlate = new Set(reads.map((one) => one.plate)).size === 1;
  const placed = cameras.flatMap(({ cameraId, latitude, longitude, refusal }) =>
    latitude === null || longitude === null ? [] : [{ id: cameraId, latitude, longitude, ok: refusal === null }],
  );
  return (
    <div class="where">
      <Plan
        outline={words.value?.jurisdiction ?? []}
        cameras={placed}
        joined={onePlate}
        stops={oldestFirst.map((one) => ({ cameraId: one.cameraId, atMs: one.capturedAtMs }))}
      />
      <Timeline stops={oldestFirst.map((one) => ({ lane: one.cameraId, atMs: one.capturedAtMs }))} />
    </div>
  );
}

function Rows({
  rows,
  asked,
  onSearch,
}: {
  rows: readonly FoundRow[];
  asked: Asked;
  onSearch: (criteria: Criteria) => void;
}) {
  const [first] = rows;
  const along = (plate: string) => {
    const { fromMs, toMs } = asked.criteria;
    onSearch({
      kind: 'co_travel',
      plate,
      ...(fromMs && { fromMs }),
      ...(toMs && { toMs }),
      withinSeconds: 30,
      camerasMin: 2,
      pageRows: 100,
    });
  };
  switch (first?.kind) {
    case undefined:
      return null;
    case 'read':
      return (
        <Table
          label="Reads"
          rows={rows as readonly ReadRow[]}
          columns={readColumns(asked, along)}
          keyOf={(one) => one.readId}
          empty=""
        />
      );
    case 'plate':
      return (
        <Table
          label="Plates"
          rows={rows as readonly PlateRow[]}
          columns={plateColumns}
          keyOf={(one) => one.plate}
          empty=""
        />
      );
    case 'hour':
      return (
        <Table
          label="Hours"
          rows={rows as readonly HourRow[]}
          columns={hourColumns}
          keyOf={(one) => `${one.hourMs} ${one.cameraId}`}
          empty=""
        />
      );
    case 'company':
      return (
        <Table
          label="Travelled along"
          rows={rows as readonly CompanyRow[]}
          columns={companyColumns}
          keyOf={(one) => one.plate}
          empty=""
        />
      );
  }
}

function readColumns(asked: Asked, along: (plate: string) => void): readonly Column<ReadRow>[] {
  return [
    { title: 'Picture', cell: (one) => <ReadPicture read={one} reason={asked.reason} which="plate" class="crop" /> },
    { title: 'Plate', cell: (one) => <PlateText text={one.plate} state={one.state} /> },
    { title: 'Seen', cell: (one) => <span class="nowrap">{momentOf(one.capturedAtMs)}</span> },
    { title: 'Camera', cell: (one) => one.cameraId },
    { title: 'Direction', cell: (one) => one.direction },
    { title: 'Sure', cell: (one) => chanceOf(one.confidence) },
    {
      title: '',
      cell: (one) => (
        <div class="buttons">
          <WholePicture read={one} asked={asked} />
          <button type="button" class="button tiny" onClick={() => along(one.plate)}>
            Travelled along
          </button>
        </div>
      ),
    },
  ];
}

function PlateText({ text, state }: { text: string; state: string | null }) {
  return (
    <span class="nowrap">
      <span class="plate">{text}</span> {state}
    </span>
  );
}

function WholePicture({ read, asked }: { read: ReadRow; asked: Asked }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button tiny" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Hide the vehicle' : 'Vehicle'}
      </button>
      {open ? <ReadPicture read={read} reason={asked.reason} which="vehicle" class="picture found-picture" /> : null}
    </>
  );
}

const plateColumns: readonly Column<PlateRow>[] = [
  { title: 'Plate', cell: (one) => <PlateText text={one.plate} state={one.states.join(' ')} /> },
  { title: 'First seen', cell: (one) => momentOf(one.firstSeenMs) },
  { title: 'Last seen', cell: (one) => momentOf(one.lastSeenMs) },
  { title: 'Reads', cell: (one) => one.reads.toLocaleString() },
  { title: 'Cameras', cell: (one) => one.cameras },
];

const hourColumns: readonly Column<HourRow>[] = [
  { title: 'Hour', cell: (one) => momentOf(one.hourMs) },
  { title: 'Camera', cell: (one) => one.cameraId ?? 'all' },
  { title: 'Reads', cell: (one) => one.reads.toLocaleString() },
  { title: 'Different plates', cell: (one) => one.plates.toLocaleString() },
];

const companyColumns: readonly Column<CompanyRow>[] = [
  { title: 'Plate', cell: (one) => <PlateText text={one.plate} state={null} /> },
  { title: 'At cameras', cell: (one) => one.cameras },
  { title: 'Times', cell: (one) => one.reads },
  { title: 'First', cell: (one) => momentOf(one.firstSeenMs) },
  { title: 'Last', cell: (one) => momentOf(one.lastSeenMs) },
];

/** Reads of a case are kept beyond the retention, rows and pictures, until the case's final disposition [IV.F.2]. */
function Preserve({ reads, caseNo }: { reads: readonly ReadRow[]; caseNo: string | null }) {
  const [kept, setKept] = useState<string | null>(null);
  const readIds = reads.map((one) => one.readId);
  return (
    <div class="buttons">
      <CommandButton
        label={`Preserve these ${readIds.length} for a case`}
        spec={{
          action: 'hold.open',
          title: 'Preserve for a case',
          about: 'Rows and pictures are copied and kept until the final disposition of the case.',
          fixed: { readIds },
          fields: [
            { name: 'caseNo', label: 'Case number', kind: 'text', initial: caseNo ?? '' },
            { name: 'why', label: 'Why', kind: 'area' },
          ],
          send: async (input) => {
            const answer = await send<{
              sequence: number;
              id: string | null;
              preserved: number;
              missing: readonly string[];
            }>('/api/cases/preserve', input);
            if (answer.ok) setKept(`${answer.value.preserved} preserved, ledger no. ${answer.value.sequence}`);
            return answer.ok ? { ...answer, value: { ...answer.value, warnings: [] } } : answer;
          },
        }}
        onDone={() => undefined}
      />
      {kept ? <Tag tone="good">{kept}</Tag> : null}
    </div>
  );
}
