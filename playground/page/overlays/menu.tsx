import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'

export type MenuItem =
  | { id: string; label: ReactNode; note?: ReactNode; danger?: boolean; choose: () => void }
  | { id: string; line: true }

/** The rows of an open menu: arrow keys move, Enter chooses. */
export function Menu({ items, close }: { items: MenuItem[]; close: () => void }) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => rowsOf(list.current)[0]?.focus(), [])
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const rows = rowsOf(list.current)
    const now = rows.indexOf(document.activeElement as HTMLElement)
    rows[(now + step + rows.length) % rows.length]?.focus()
  }
  return (
    <div ref={list} className="menu" onKeyDown={move} role="none">
      {items.map((item) =>
        'line' in item ? (
          <hr key={item.id} className="menu-line" />
        ) : (
          <button
            key={item.id}
            type="button"
            role="menuitem"
            className={item.danger ? 'menu-item menu-danger' : 'menu-item'}
            onClick={() => {
              close()
              item.choose()
            }}
          >
            <span className="menu-label">{item.label}</span>
            {item.note && <span className="menu-note">{item.note}</span>}
          </button>
        ),
      )}
    </div>
  )
}

function rowsOf(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
}
