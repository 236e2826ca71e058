import type { Checkboxes, Option, RadioButtons } from '@slack/types'
import { useId } from 'react'
import { TextView } from '../text/mrkdwn-view.js'
import { useElement } from './use-element.js'

export function CheckboxesElement({ element }: { element: Checkboxes }) {
  const { state, choose, busy, ...block } = useElement<{ selected_options: Option[] }>(element)
  const chosen = new Set(state.selected_options.map(({ value }) => value))
  const toggle = (option: Option) => {
    const next = element.options.filter(({ value }) =>
      value === option.value ? !chosen.has(value) : chosen.has(value),
    )
    void choose({ selected_options: next })
  }
  return (
    <fieldset
      className="choices"
      aria-labelledby={block.labelId}
      aria-describedby={block.describedBy}
      data-action={element.action_id}
    >
      {element.options.map((option) => (
        <Choice
          key={option.value}
          kind="checkbox"
          option={option}
          checked={chosen.has(option.value)}
          busy={busy}
          pick={() => toggle(option)}
        />
      ))}
    </fieldset>
  )
}

export function RadioElement({ element }: { element: RadioButtons }) {
  const { state, choose, busy, ...block } = useElement<{ selected_option: Option | null }>(element)
  const name = useId()
  return (
    <fieldset
      className="choices"
      aria-labelledby={block.labelId}
      aria-describedby={block.describedBy}
      data-action={element.action_id}
    >
      {element.options.map((option) => (
        <Choice
          key={option.value}
          kind="radio"
          name={name}
          option={option}
          checked={state.selected_option?.value === option.value}
          busy={busy}
          pick={() => void choose({ selected_option: option })}
        />
      ))}
    </fieldset>
  )
}

type ChoiceProps = {
  kind: 'checkbox' | 'radio'
  name?: string
  option: Option
  checked: boolean
  busy: boolean
  pick: () => void
}

function Choice({ kind, name, option, checked, busy, pick }: ChoiceProps) {
  return (
    <label className="choice">
      <input type={kind} name={name} checked={checked} disabled={busy} onChange={pick} />
      <span>
        <span className="choice-text">
          <TextView text={option.text} />
        </span>
        {option.description && (
          <span className="choice-note">
            <TextView text={option.description} />
          </span>
        )}
      </span>
    </label>
  )
}
