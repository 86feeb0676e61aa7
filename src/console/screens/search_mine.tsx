import { useEffect } from 'preact/hooks';
import type { Items, LedgerRecord } from '../api/records.js';
import { useView, When } from '../ui/load.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { recordColumns } from './ledger_records.js';

/** My own past searches, from the ledger itself; asked anew when there is a new one. */
export function MySearches({ latest }: { readonly latest: number }) {
  const mine = useView<Items<LedgerRecord>>('/api/views/ledger.mine');
  useEffect(() => {
    if (latest > 0) mine.again();
  }, [latest]);
  return (
    <Section title="My past searches">
      <When loaded={mine}>
        {({ items }) => (
          <Table
            label="My past searches"
            rows={items.filter(isSearch).reverse()}
            keyOf={(one) => String(one.seq)}
            empty="You have not searched yet"
            columns={recordColumns.filter((column) => column.title !== 'Who')}
          />
        )}
      </When>
    </Section>
  );
}

/** The question or its refusal; the outcome record that follows a question is not another search. */
function isSearch(record: LedgerRecord): boolean {
  return record.reason !== undefined && record.reason !== null;
}
