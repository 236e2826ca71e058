import type { Datepicker, DateTimepicker, Timepicker } from '@slack/types'
import type { ComponentProps } from 'react'
import { useElement } from './use-element.js'

export function DatepickerElement({ element }: { element: Datepicker }) {
  const { state, choose, busy, ...block } = useElement<{ selected_date: string | null }>(element)
  return (
    <MomentInput
      {...block}
      busy={busy}
      type="date"
      action={element.action_id ?? ''}
      label={element.placeholder?.text ?? 'Select a date'}
      value={state.selected_date ?? ''}
      change={(value) => void choose({ selected_date: value || null })}
    />
  )
}

export function TimepickerElement({ element }: { element: Timepicker }) {
  const { state, choose, busy, ...block } = useElement<{ selected_time: string | null }>(element)
  return (
    <MomentInput
      {...block}
      busy={busy}
      type="time"
      action={element.action_id ?? ''}
      label={element.placeholder?.text ?? 'Select a time'}
      value={state.selected_time ?? ''}
      change={(value) => void choose({ selected_time: value || null })}
    />
  )
}

export function DateTimepickerElement({ element }: { element: DateTimepicker }) {
  const { state, choose, busy, ...block } = useElement<{ selected_date_time: number | null }>(element)
  return (
    <MomentInput
      {...block}
      busy={busy}
      type="datetime-local"
      action={element.action_id ?? ''}
      label="Select a date and a time"
      value={state.selected_date_time ? localMoment(state.selected_date_time) : ''}
      change={(value) =>
        void choose({ selected_date_time: value ? Math.floor(new Date(value).getTime() / 1000) : null })
      }
    />
  )
}

type MomentInputProps = {
  type: 'date' | 'time' | 'datetime-local'
  action: string
  label: string
  value: string
  change: (value: string) => void
  busy: boolean
  labelId?: string
  describedBy?: string
  invalid?: boolean
}

function MomentInput({ type, action, label, value, change, busy, labelId, describedBy, invalid }: MomentInputProps) {
  const named: ComponentProps<'input'> = labelId ? { 'aria-labelledby': labelId } : { 'aria-label': label }
  return (
    <input
      {...named}
      className="field field-moment"
      type={type}
      value={value}
      disabled={busy}
      data-action={action}
      aria-describedby={describedBy}
      aria-invalid={invalid}
      onChange={(event) => change(event.target.value)}
    />
  )
}

function localMoment(unixSeconds: number): string {
  const moment = new Date(unixSeconds * 1000)
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
