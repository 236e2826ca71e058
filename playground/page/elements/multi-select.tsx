import type { Option } from '@slack/types'
import { useRef, useState } from 'react'
import { useSession } from '../control/session.js'
import { Popup } from '../overlays/popup.js'
import { PlainView } from '../text/mrkdwn-view.js'
import { type AnyElement, fieldOf } from './initial-state.js'
import { optionGroups } from './option-groups.js'
import { Picker } from './picker.js'
import { heldId, optionOf, placeholderOf } from './select.js'
import { SelectButton } from './select-button.js'
import { useElement } from './use-element.js'
import { useExternalOptions } from './use-external-options.js'

/** Static, external, users, channels and conversations selects, multiple. The app hears of the choice when the list closes. */
export function MultiSelectElement({ element }: { element: AnyElement }) {
  const session = useSession()
  const { state, choose, ...block } = useElement<{ [field: string]: unknown }>(element)
  const external = useExternalOptions(element)
  const groups = element.type === 'multi_external_select' ? external.groups : optionGroups(element, session)
  const field = fieldOf(element.type)
  const [draft, setDraft] = useState<unknown[] | null>(null)
  const changed = useRef(false)
  const held = draft ?? (state[field] as unknown[])
  const chosen = held.flatMap((one) => optionOf(one, groups) ?? [])
  const most = (element.max_selected_items as number | undefined) ?? Number.POSITIVE_INFINITY
  const placeholder = placeholderOf(element)
  const pick = (option: Option) => {
    const without = held.filter((one) => heldId(one) !== option.value)
    if (without.length === held.length && held.length >= most) return
    changed.current = true
    setDraft(without.length < held.length ? without : [...held, field === 'selected_options' ? option : option.value])
  }
  const settle = () => {
    if (changed.current && draft) void choose({ [field]: draft })
    changed.current = false
    setDraft(null)
  }
  return (
    <Popup
      label={placeholder}
      role="listbox"
      matchWidth
      className="popup-picker"
      onClose={settle}
      button={(props) => (
        <SelectButton
          element={element}
          button={props}
          look={chosen.length > 0 ? 'select-multiple' : 'select-empty'}
          told={`${placeholder}: ${chosen.length} chosen`}
          block={block}
        >
          {chosen.length === 0 && placeholder}
          {chosen.map((option) => (
            <span key={option.value} className="chip">
              <PlainView text={option.text.text} />
            </span>
          ))}
        </SelectButton>
      )}
    >
      {() => (
        <Picker
          label={placeholder}
          groups={groups}
          chosen={new Set(held.flatMap((one) => heldId(one) ?? []))}
          multiple
          onWords={external.search}
          note={external.note}
          pick={pick}
        />
      )}
    </Popup>
  )
}
