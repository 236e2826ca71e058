import type { Option } from '@slack/types'
import { useSession } from '../control/session.js'
import { PlainView } from '../text/mrkdwn-view.js'
import { type AnyElement, fieldOf } from './initial-state.js'
import { type Group, optionGroups } from './option-groups.js'
import { Picker } from './picker.js'
import { Popup } from './popup.js'
import { useElement } from './use-element.js'
import { useExternalOptions } from './use-external-options.js'

/** Static, external, users, channels and conversations selects, single. */
export function SelectElement({ element }: { element: AnyElement }) {
  const session = useSession()
  const { state, choose, busy, ...block } = useElement<{ [field: string]: unknown }>(element)
  const external = useExternalOptions(element)
  const groups = element.type === 'external_select' ? external.groups : optionGroups(element, session)
  const field = fieldOf(element.type)
  const value = heldId(state[field])
  const chosen = optionOf(state[field], groups)
  const placeholder = placeholderOf(element)
  return (
    <Popup
      label={placeholder}
      role="listbox"
      matchWidth
      className="popup-picker"
      button={(props) => (
        <button
          {...props}
          type="button"
          className={chosen ? 'select' : 'select select-empty'}
          aria-busy={busy}
          aria-invalid={block.invalid}
          aria-labelledby={block.labelId}
          aria-describedby={block.describedBy}
          aria-label={block.labelId ? undefined : `${placeholder}: ${chosen?.text.text ?? 'nothing chosen'}`}
          data-action={element.action_id}
          data-focus-on-load={element.focus_on_load === true}
        >
          <span className="select-text">{chosen ? <PlainView text={chosen.text.text} /> : placeholder}</span>
          {busy ? <span className="spinner" aria-hidden="true" /> : <Chevron />}
        </button>
      )}
    >
      {(close) => (
        <Picker
          label={placeholder}
          groups={groups}
          chosen={new Set(value ? [value] : [])}
          multiple={false}
          onWords={external.search}
          note={external.note}
          pick={(option) => {
            close()
            void choose({ [field]: field === 'selected_option' ? option : option.value })
          }}
        />
      )}
    </Popup>
  )
}

export function Chevron() {
  return (
    <svg className="chevron" viewBox="0 0 12 12" aria-hidden="true">
      <path d="M2.5 4.5 6 8l3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </svg>
  )
}

/** The id or value behind what a select holds: an option object, or a bare id. */
export function heldId(held: unknown): string | undefined {
  if (typeof held === 'string') return held
  return (held as Option | null | undefined)?.value
}

/** What a select holds, as the option it shows. */
export function optionOf(held: unknown, groups: Group[]): Option | undefined {
  const value = heldId(held)
  if (value === undefined) return undefined
  const listed = groups.flatMap(({ options }) => options).find((option) => option.value === value)
  if (listed) return listed
  return typeof held === 'object' ? (held as Option) : { value, text: { type: 'plain_text', text: value } }
}

export function placeholderOf(element: AnyElement): string {
  const given = element.placeholder as { text: string } | undefined
  const kind = element.type.replace(/^multi_/, '')
  return (
    given?.text ?? { users_select: 'Select a user', channels_select: 'Select a channel' }[kind] ?? 'Choose an option'
  )
}
