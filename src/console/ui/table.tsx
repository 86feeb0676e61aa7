import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Empty } from './notice.js';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
}

interface TableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly empty: string;
}

/** Rows drawn before somebody asks for more. */
const pageRows = 50;

export function Table<Row>({ label, rows, columns, keyOf, empty }: TableProps<Row>) {
  const [shown, setShown] = useState(pageRows);
  if (rows.length === 0) return <Empty title={empty} />;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroll-x" aria-label={label} tabIndex={0}>
        <table class="table">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.title} scope="col">
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column) => (
                  <td key={column.title} data-title={column.title}>
                    <div>{column.cell(row)}</div>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > shown ? (
        <button type="button" class="button" onClick={() => setShown(shown + pageRows)}>
          Show more ({rows.length - shown} left)
        </button>
      ) : null}
    </>
  );
}
