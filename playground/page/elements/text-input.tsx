import type { EmailInput, NumberInput, PlainTextInput, URLInput } from '@slack/types'
import type { KeyboardEvent } from 'react'
import { useElement } from './use-element.js'

type Typed = PlainTextInput | EmailInput | URLInput | NumberInput

const inputType = {
  plain_text_input: 'text',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'text',
} as const

export function TextInputElement({ element }: { element: Typed }) {
  const { state, write, choose, busy, ...block } = useElement<{ value: string | null }>(element)
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed']
  const multiline = element.type === 'plain_text_input' && element.multiline
  const change = (text: string) => {
    const value = text === '' ? null : text
    if (triggers.includes('on_character_entered')) void choose({ value })
    else write({ value })
  }
  const enter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || multiline || event.nativeEvent.isComposing || !block.dispatches) return
    // Enter would send the whole modal; here it is the element's own.
    event.preventDefault()
    if (!triggers.includes('on_enter_pressed')) return
    void choose({ value: state.value })
  }
  const props = {
    className: 'field',
    value: state.value ?? '',
    placeholder: element.placeholder?.text ?? (multiline ? 'Write something' : ''),
    'data-focus-on-load': element.focus_on_load,
    maxLength: element.type === 'plain_text_input' ? element.max_length : undefined,
    'aria-labelledby': block.labelId,
    'aria-describedby': block.describedBy,
    'aria-invalid': block.invalid,
    'aria-busy': busy,
    'data-action': element.action_id,
    onKeyDown: enter,
  }
  if (multiline) return <textarea {...props} rows={4} onChange={(event) => change(event.target.value)} />
  return (
    <input
      {...props}
      type={inputType[element.type]}
      inputMode={element.type === 'number_input' ? (element.is_decimal_allowed ? 'decimal' : 'numeric') : undefined}
      onChange={(event) => change(event.target.value)}
    />
  )
}
