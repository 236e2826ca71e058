import type { Option } from '@slack/types'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { TextView } from '../text/mrkdwn-view.js'
import { type Group, matching } from './option-groups.js'

export type PickerProps = {
  label: string
  groups: Group[]
  chosen: ReadonlySet<string>
  multiple: boolean
  pick: (option: Option) => void
  /** Called with every change of the words when the app, not the page, does the search. */
  onWords?: (words: string) => void
  note?: string
}

/** The open list of a select: type to filter, arrow keys to move, Enter to choose. */
export function Picker({ label, groups, chosen, multiple, pick, onWords, note }: PickerProps) {
  const [words, setWords] = useState('')
  const [active, setActive] = useState(0)
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const shown = onWords ? groups : matching(groups, words)
  const flat = shown.flatMap(({ options }) => options)
  const current = flat[Math.min(active, flat.length - 1)]
  useEffect(() => input.current?.focus({ preventScroll: true }), [])
  const type = (typed: string) => {
    setWords(typed)
    setActive(0)
    onWords?.(typed)
  }
  const key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setActive((now) => (Math.min(now, flat.length - 1) + step + flat.length) % Math.max(1, flat.length))
    else if (event.key === 'Enter' && current) pick(current)
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        ref={input}
        className="field picker-words"
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-label={`Search: ${label}`}
        aria-activedescendant={current ? `${id}-${current.value}` : undefined}
        placeholder="Search"
        value={words}
        onChange={(event) => type(event.target.value)}
        onKeyDown={key}
      />
      <div className="picker-list" role="listbox" id={id} aria-label={label} aria-multiselectable={multiple}>
        {shown.map((group) => (
          <PickerGroup key={group.label ?? ''} group={group} id={id} active={current} chosen={chosen} pick={pick} />
        ))}
        {flat.length === 0 && <p className="picker-note">{note ?? 'No matches'}</p>}
      </div>
    </>
  )
}

type GroupProps = {
  group: Group
  id: string
  active: Option | undefined
  chosen: ReadonlySet<string>
  pick: (option: Option) => void
}

function PickerGroup({ group, id, active, chosen, pick }: GroupProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of options inside a listbox is not a fieldset
    <div role="group" aria-label={group.label}>
      {group.label && <p className="picker-group">{group.label}</p>}
      {group.options.map((option) => (
        <PickerOption
          key={option.value}
          option={option}
          id={id}
          active={option === active}
          chosen={chosen.has(option.value ?? '')}
          pick={pick}
        />
      ))}
    </div>
  )
}

type OptionProps = { option: Option; id: string; active: boolean; chosen: boolean; pick: (option: Option) => void }

function PickerOption({ option, id, active, chosen, pick }: OptionProps) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the search field keeps the focus and points here by aria-activedescendant
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      ref={row}
      id={`${id}-${option.value}`}
      role="option"
      aria-selected={chosen}
      className={active ? 'picker-option picker-active' : 'picker-option'}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => pick(option)}
    >
      <span>
        <TextView text={option.text} />
        {option.description && (
          <span className="choice-note">
            <TextView text={option.description} />
          </span>
        )}
      </span>
      {chosen && <span aria-hidden="true">✓</span>}
    </div>
  )
}
