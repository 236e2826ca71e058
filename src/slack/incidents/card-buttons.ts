import type { ActionsBlock, Button, KnownBlock, StaticSelect } from '@slack/types'
import { type IncidentView, nameOf, type Suspect, severities } from '../../incidents/incident.js'
import { lastGoodMoment, suspectedRuns } from '../../incidents/last-good-moment.js'
import { gateState } from '../../incidents/resolving.js'
import { hasEnded } from '../../runs/run.js'
import { confirmation, plain } from '../blocks.js'
import { quote } from '../text.js'
import type { IncidentScene } from './incident-card.js'
import { incidentButton, incidentFormButton, incidentPrefix } from './incident-press.js'

/** The one button that stands out: what helps most now. */
export type Primary = 'resolve' | 'update' | `role:${string}` | 'guides' | null

export function primaryOf(view: IncidentView, { settings, guide, now }: IncidentScene): Primary {
  const { incident } = view
  if (incident.state !== 'open') return null
  if (gateState(view.gate, settings.gate.green, now).open) return 'resolve'
  if (incident.nextUpdate && incident.nextUpdate <= now) return 'update'
  if (incident.roles.some(({ role, person }) => role === 'commander' && person === null)) return 'role:commander'
  return guide && !hasEnded(guide.run.state) ? null : 'guides'
}

/** The buttons that make sense now; what changes the world stands last, in red, with its consequence. */
export function actBlocks(view: IncidentView, scene: IncidentScene): (KnownBlock | null)[] {
  const { id, state } = view.incident
  const row = (elements: ActionsBlock['elements']): ActionsBlock | null =>
    elements.length === 0 ? null : { type: 'actions', block_id: `incident-${id}`, elements }
  switch (state) {
    case 'open':
      return [row(openElements(view, scene))]
    case 'resolved':
      return [row([...asking(id), followUp(id), reopen(id), archive(id)])]
    case 'archived':
      return [row([...asking(id), reopen(id)])]
    case 'duplicate':
      return [row([reopen(id)])]
  }
}

function openElements(view: IncidentView, scene: IncidentScene): ActionsBlock['elements'] {
  const { incident } = view
  const known = { incident: String(incident.id) }
  const primary = primaryOf(view, scene)
  const styled = (name: Primary) => (primary === name ? { style: 'primary' as const } : {})
  const followed = scene.guide !== null && !hasEnded(scene.guide.run.state)
  return [
    ...(followed
      ? []
      : [
          incidentButton(
            'guides',
            'Guides…',
            { name: 'say', words: 'guides', incident: incident.id },
            styled('guides'),
          ),
        ]),
    incidentFormButton('update', 'Update…', known, styled('update')),
    incidentFormButton('task', 'Task…', known),
    incidentButton('timeline', 'Timeline', { name: 'say', words: 'timeline', incident: incident.id }),
    severitySelect(view),
    resolveButton(view, scene),
    ...(scene.restorable ? [recoverData(view, scene.restorable)] : []),
    ...suspectedRuns(view).flatMap((suspect) => (suspect.undone ? [] : [rollBack(incident.id, suspect)])),
  ]
}

/** Against a closed gate it takes a reason, and a form asks for it. */
function resolveButton(view: IncidentView, { settings, now }: IncidentScene): Button {
  const { id } = view.incident
  const gate = gateState(view.gate, settings.gate.green, now)
  if (!gate.open) return incidentFormButton('resolve', 'Resolve…', { incident: String(id) })
  return incidentButton('resolve', 'Resolve', { name: 'resolve', reason: '', incident: id }, { style: 'primary' })
}

function severitySelect({ incident }: IncidentView): StaticSelect {
  const options = severities.map((severity) => ({
    text: plain(severity, 75),
    value: JSON.stringify({ name: 'severity', severity, incident: incident.id }),
  }))
  const initial = options.find(({ text }) => text.text === incident.severity)
  return {
    type: 'static_select',
    action_id: `${incidentPrefix}:severity`,
    placeholder: plain('Severity', 150),
    options,
    ...(initial ? { initial_option: initial } : {}),
  }
}

/** Filled in with the moment before the likeliest deploy, else with the minute before it began. */
function recoverData(view: IncidentView, database: string): Button {
  const known = { incident: String(view.incident.id), database, ...lastGoodMoment(view) }
  return incidentFormButton('restore', 'Recover data…', known)
}

function rollBack(incident: number, { run, text }: Suspect & { run: number }): Button {
  const words = `Starts a run back to what served before ${quote(text.replace(/,[^,]*$/, ''), 120)}, with its plan, its lock and the approvals that its place asks for.`
  const confirm = confirmation(`Roll back #${run}?`, words, 'Roll back', true)
  return incidentButton(
    `roll-back:${run}`,
    `Roll back #${run}`,
    { name: 'roll back', run, incident },
    { style: 'danger', confirm },
  )
}

const asking = (incident: number): Button[] => [
  incidentButton('review', 'Review', { name: 'say', words: 'review', incident }),
  incidentButton('timeline', 'Timeline', { name: 'say', words: 'timeline', incident }),
]

const followUp = (incident: number): Button =>
  incidentFormButton('task', 'Follow-up…', { incident: String(incident), kind: 'follow-up' })

function reopen(incident: number): Button {
  const confirm = confirmation(
    'Reopen it?',
    `${nameOf(incident)} is worked on again, and what people outside were promised begins anew.`,
    'Reopen',
  )
  return incidentButton('reopen', 'Reopen…', { name: 'reopen', reason: '', incident }, { confirm })
}

function archive(incident: number): Button {
  const confirm = confirmation(
    'Archive it?',
    'Nothing more is expected of anybody, and its channel is archived. Slack lets only people unarchive a channel.',
    'Archive',
  )
  return incidentButton('archive', 'Archive…', { name: 'archive', incident }, { confirm })
}
