import type { Items } from '../api/records.js';
import { may, words } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Notice, Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, momentOf } from '../ui/words.js';

interface VendorRow {
  readonly vendorId: string;
  readonly addendumAtMs: number;
  readonly screenedAtMs: number;
  readonly expiresAtMs: number;
}

interface WindowRow {
  readonly windowId: string;
  readonly userId: string;
  readonly ticket: string;
  readonly fromMs: number;
  readonly toMs: number;
}

interface VendorsView extends Items<VendorRow> {
  readonly windows: readonly WindowRow[];
  readonly custodian: string | null;
}

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

function papers(vendorId?: string): CommandSpec {
  return {
    action: 'vendor.record',
    title: vendorId ? `Papers of ${vendorId}` : 'Record a vendor',
    about: 'Its security addendum is signed and its people are screened; both have an end [IV.C.3.a].',
    ...(vendorId && { fixed: { vendorId } }),
    fields: [
      ...(vendorId ? [] : [{ name: 'vendorId', label: 'Short name', kind: 'text', half: true } as const]),
      { name: 'name', label: 'Full name', kind: 'text', half: true },
      { name: 'addendumAtMs', label: 'Addendum signed', kind: 'moment', half: true },
      { name: 'screenedAtMs', label: 'People screened', kind: 'moment', half: true },
      { name: 'expiresAtMs', label: 'Both end', kind: 'moment', initial: Date.now() + yearMs, half: true },
    ],
  };
}

function windowSpec(): CommandSpec {
  const hours = words.value?.numbers['vendorWindowHoursMax'] ?? 72;
  return {
    action: 'vendor.open_window',
    title: 'Let a vendor in',
    about: `A vendor's login works only inside a window, at most ${hours} hours long.`,
    fields: [
      { name: 'userId', label: "The vendor's login", kind: 'text', half: true },
      { name: 'ticket', label: 'Ticket', kind: 'text', half: true },
      { name: 'fromMs', label: 'From', kind: 'moment', initial: Date.now(), half: true },
      { name: 'toMs', label: 'Until', kind: 'moment', initial: Date.now() + 4 * hourMs, half: true },
    ],
  };
}

/** Who keeps the bulk data and who may come in to repair, on which papers, until when. */
export function Vendors() {
  const vendors = useView<VendorsView>('/api/views/vendors');
  const { again } = vendors;
  return (
    <Section
      title="Vendors"
      actions={
        <>
          {may('vendor.record') ? <CommandButton spec={papers()} onDone={again} /> : null}
          {may('vendor.open_window') ? <CommandButton spec={windowSpec()} onDone={again} /> : null}
        </>
      }
    >
      <When loaded={vendors}>
        {({ items, windows, custodian }) => (
          <>
            {custodian === null ? (
              <Notice tone="bad">Nobody is custodian of the bulk data: no read is kept until one is named.</Notice>
            ) : null}
            <Table
              label="Vendors"
              rows={items}
              keyOf={(one) => one.vendorId}
              empty="No vendor is recorded"
              columns={[
                { title: 'Vendor', cell: (one) => <Vendor row={one} custodian={custodian} /> },
                { title: 'Addendum', cell: (one) => dayOf(one.addendumAtMs) },
                { title: 'Screened', cell: (one) => dayOf(one.screenedAtMs) },
                { title: 'Papers', cell: (one) => <Papers row={one} /> },
                { title: '', cell: (one) => <VendorActions row={one} custodian={custodian} onDone={again} /> },
              ]}
            />
            <Windows rows={windows} />
          </>
        )}
      </When>
    </Section>
  );
}

function Vendor({ row: { vendorId }, custodian }: { row: VendorRow; custodian: string | null }) {
  return (
    <>
      <strong>{vendorId}</strong> {vendorId === custodian ? <Tag tone="accent">keeps the bulk data</Tag> : null}
    </>
  );
}

function Papers({ row: { expiresAtMs } }: { row: VendorRow }) {
  if (expiresAtMs <= Date.now()) return <Tag tone="bad">ended {dayOf(expiresAtMs)}</Tag>;
  return <Tag tone="good">until {dayOf(expiresAtMs)}</Tag>;
}

function VendorActions(props: { row: VendorRow; custodian: string | null; onDone: () => unknown }) {
  const { row, custodian, onDone } = props;
  const { vendorId, expiresAtMs } = row;
  const keep: CommandSpec = {
    action: 'custodian.set',
    title: `${vendorId} keeps the bulk data`,
    about: 'Bulk data is kept by a vendor with current papers, never by the department itself [IV.F.1].',
    fixed: { vendorId },
    fields: [],
  };
  return (
    <div class="buttons">
      {may('vendor.record') ? <CommandButton tiny label="New papers" spec={papers(vendorId)} onDone={onDone} /> : null}
      {may('custodian.set') && vendorId !== custodian && expiresAtMs > Date.now() ? (
        <CommandButton tiny label="Make custodian" spec={keep} onDone={onDone} />
      ) : null}
    </div>
  );
}

function Windows({ rows }: { rows: readonly WindowRow[] }) {
  if (rows.length === 0) return null;
  return (
    <Table
      label="Windows of vendors"
      rows={[...rows].reverse()}
      keyOf={(one) => one.windowId}
      empty=""
      columns={[
        { title: 'Window', cell: (one) => one.windowId },
        { title: 'Login', cell: (one) => one.userId },
        { title: 'Ticket', cell: (one) => one.ticket },
        { title: 'From', cell: (one) => momentOf(one.fromMs) },
        { title: 'Until', cell: (one) => momentOf(one.toMs) },
        {
          title: 'Now',
          cell: (one) =>
            one.fromMs <= Date.now() && Date.now() < one.toMs ? <Tag tone="warn">open</Tag> : <Tag>closed</Tag>,
        },
      ]}
    />
  );
}
