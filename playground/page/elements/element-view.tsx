import type {
  Button,
  Checkboxes,
  Datepicker,
  DateTimepicker,
  Overflow,
  PlainTextInput,
  RadioButtons,
  RichTextInput,
  Timepicker,
} from '@slack/types'
import { ButtonElement } from './button.js'
import { CheckboxesElement, RadioElement } from './choices.js'
import type { AnyElement } from './initial-state.js'
import { DatepickerElement, DateTimepickerElement, TimepickerElement } from './moments.js'
import { MultiSelectElement } from './multi-select.js'
import { OverflowElement } from './overflow.js'
import { RichTextInputElement } from './rich-text-input.js'
import { SelectElement } from './select.js'
import { TextInputElement } from './text-input.js'

/** An interactive element of Block Kit. The workspace has checked its shape before it was stored. */
export function ElementView({ element }: { element: { type: string } }) {
  switch (element.type) {
    case 'button':
    case 'workflow_button':
      return <ButtonElement element={element as Button} />
    case 'overflow':
      return <OverflowElement element={element as Overflow} />
    case 'checkboxes':
      return <CheckboxesElement element={element as Checkboxes} />
    case 'radio_buttons':
      return <RadioElement element={element as RadioButtons} />
    case 'datepicker':
      return <DatepickerElement element={element as Datepicker} />
    case 'timepicker':
      return <TimepickerElement element={element as Timepicker} />
    case 'datetimepicker':
      return <DateTimepickerElement element={element as DateTimepicker} />
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return <TextInputElement element={element as PlainTextInput} />
    case 'rich_text_input':
      return <RichTextInputElement element={element as RichTextInput} />
    default:
      return <Other element={element as AnyElement} />
  }
}

function Other({ element }: { element: AnyElement }) {
  if (/^multi_\w+_select$/.test(element.type)) return <MultiSelectElement element={element} />
  if (/_select$/.test(element.type)) return <SelectElement element={element} />
  return <span className="unknown">This element ({element.type}) cannot be used in the playground.</span>
}
