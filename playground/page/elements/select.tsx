import type { Option } from '@slack/types'
import { useSession } from '../control/session.js'
import { Popup } from '../overlays/popup.js'
import { PlainView } from '../text/mrkdwn-view.js'
import { type AnyElement, fieldOf } from './initial-state.js'
import { type Group, optionGroups } from './option-groups.js'
import { Picker } from './picker.js'
import { SelectButton } from './select-button.js'
import { useElement } from './use-element.js'
import { useExternalOptions } from './use-external-options.js'

/** Static, external, users, channels and conversations selects, single. */
export function SelectElement({ element }: { element: AnyElement }) {
  const session = useSession()
  const { state, choose, ...block } = useElement<{ [field: string]: unknown }>(element)
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
        <SelectButton
          element={element}
          button={props}
          look={chosen ? 'select-one' : 'select-empty'}
          told={`${placeholder}: ${chosen?.text.text ?? 'nothing chosen'}`}
          block={block}
        >
          {chosen ? <PlainView text={chosen.text.text} /> : placeholder}
        </SelectButton>
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
