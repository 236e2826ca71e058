import type { Button, ConfirmationDialog } from '@slack/types'
import { z } from 'zod'
import type { IncidentPress } from '../../commands/incident-words.js'
import { type IncidentId, severities } from '../../incidents/incident.js'
import { plain } from '../blocks.js'
import { openFormAction } from '../replies/opening.js'

/** Prefix of every control on an incident's card, its guide's card or an alert's message. */
export const incidentPrefix = 'incident'

/** What a control carries: an act, or words that are said for whoever pressed, such as "review". */
export type IncidentPressValue = IncidentPress | { name: 'say'; incident: IncidentId; words: string }

/** Null when the value is not one that a message of ours carries. */
export function decodeIncidentPress(text: string | undefined): IncidentPressValue | null {
  if (text === undefined || text.length > 2000) return null
  try {
    const parsed = pressValue.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export type Look = { style?: 'primary' | 'danger'; confirm?: ConfirmationDialog }

/** `id` keeps controls of one row apart. */
export function incidentButton(id: string, label: string, value: IncidentPressValue, look: Look = {}): Button {
  return {
    type: 'button',
    action_id: `${incidentPrefix}:${id}`,
    text: plain(label, 75),
    value: JSON.stringify(value),
    ...look,
  }
}

type IncidentForm = 'incident' | 'update' | 'resolve' | 'role' | 'task' | 'silence' | 'restore'

/** Opens a form with what is known of the incident. */
export function incidentFormButton(
  name: IncidentForm,
  label: string,
  known: { [field: string]: string },
  look: Look = {},
): Button {
  return {
    type: 'button',
    action_id: `${openFormAction}:${name}`,
    text: plain(label, 75),
    value: JSON.stringify({ name, known }),
    ...look,
  }
}

const number = z.number().int().positive()
const step = z.string().max(255)
const meant = { incident: number }

const pressValue = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('severity'), severity: z.enum(severities), ...meant }),
  z.strictObject({ name: z.literal('role'), role: z.string().max(40), ...meant }),
  z.strictObject({ name: z.literal('tick'), task: number, ...meant }),
  z.strictObject({ name: z.literal('publish'), update: number, ...meant }),
  z.strictObject({
    ...{ name: z.literal('settle'), suspect: z.string().max(300), verdict: z.enum(['confirmed', 'cleared']) },
    ...meant,
  }),
  z.strictObject({ name: z.literal('resolve'), reason: z.literal(''), ...meant }),
  z.strictObject({ name: z.literal('reopen'), reason: z.literal(''), ...meant }),
  z.strictObject({ name: z.literal('archive'), ...meant }),
  z.strictObject({ name: z.literal('guide'), guide: z.string().max(100), incident: number.optional() }),
  z.strictObject({ name: z.literal('roll back'), run: number, ...meant }),
  z.strictObject({ name: z.literal('take'), step, ...meant }),
  z.strictObject({ name: z.literal('look again'), step, ...meant }),
  z.strictObject({ name: z.literal('page'), ...meant }),
  z.strictObject({ name: z.literal('acknowledge'), ...meant }),
  z.strictObject({ name: z.literal('say'), words: z.string().max(100), ...meant }),
  z.strictObject({ name: z.literal('acknowledge alert'), alert: number }),
  z.strictObject({ name: z.literal('declare from alert'), alert: number }),
  z.strictObject({ name: z.literal('merge alert'), alert: number, incident: number }),
])
