import type { DataTableBlock, TableBlock } from '@slack/types'
import { type ReactNode, useState } from 'react'
import { RichTextView } from './rich-text.js'

type Cell = TableBlock['rows'][number][number]

export function TableView({ block }: { block: TableBlock }) {
  const [head, ...rows] = block.rows
  const align = (column: number) => ({ textAlign: block.column_settings?.[column]?.align ?? ('left' as const) })
  const wrap = (column: number) => (block.column_settings?.[column]?.is_wrapped ? 'cell-wrapped' : undefined)
  return (
    <TableFrame label="Table">
      {head && (
        <thead>
          <tr>
            {head.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity but their place
              <th key={column} style={align(column)} className={wrap(column)}>
                <CellView cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <tr key={index}>
            {row.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <td key={column} style={align(column)} className={wrap(column)}>
                <CellView cell={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  )
}

/** The table with pages: the first row is the head. */
export function DataTableView({ block }: { block: DataTableBlock }) {
  const [page, setPage] = useState(0)
  const [head, ...rows] = block.rows
  const size = block.page_size ?? 5
  const pages = Math.max(1, Math.ceil(rows.length / size))
  const shown = [...(head ? [head] : []), ...rows.slice(page * size, (page + 1) * size)]
  return (
    <div>
      <p className="table-caption">{block.caption}</p>
      <TableView block={{ type: 'table', rows: shown }} />
      {pages > 1 && (
        <p className="table-pages">
          <button type="button" className="btn btn-small" disabled={page === 0} onClick={() => setPage(page - 1)}>
            Previous
          </button>
          <span>
            {' '}
            {page + 1} of {pages}{' '}
          </span>
          <button
            type="button"
            className="btn btn-small"
            disabled={page + 1 === pages}
            onClick={() => setPage(page + 1)}
          >
            Next
          </button>
        </p>
      )}
    </div>
  )
}

function TableFrame({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
    <section className="table-frame" aria-label={label} tabIndex={0}>
      <table className="table">{children}</table>
    </section>
  )
}

function CellView({ cell }: { cell: Cell }) {
  if (cell.type === 'rich_text') return <RichTextView block={cell} />
  return cell.text ?? String((cell as { value?: number }).value ?? '')
}
