import type { KnownBlock } from '@slack/types'
import { type IncidentView, nameOf } from '../../incidents/incident.js'
import type { IncidentSettings } from '../../incidents/settings.js'
import type { RunView } from '../../runs/run.js'
import { context, type Message, message, section } from '../blocks.js'
import { unstarred } from '../cards/subject.js'
import { actBlocks, primaryOf } from './card-buttons.js'
import { factLine, headLine, nowLines } from './card-head.js'
import {
  alertLine,
  draftBlocks,
  gateLines,
  guideLine,
  proposalBlock,
  roleBlocks,
  seenLine,
  settleMenu,
  suspectLines,
  taskBlocks,
  troubleLines,
} from './card-parts.js'
import { recoveryLines } from './recovery-lines.js'

/** What is known beside the incident's own rows. */
export type IncidentScene = {
  now: Date
  settings: IncidentSettings
  /** The run of the guide that is followed. */
  guide: RunView | null
  /** The database whose data can be brought back here. */
  restorable?: string | null
  /** What is remembered of one like it, as a sentence. */
  seenBefore?: string | null
  /** The runs by which people recover. */
  recoveries?: RunView[]
}

/** The one message that shows an incident, drawn whole from its rows: the same rows and moment give the same card. */
export function incidentCard(view: IncidentView, scene: IncidentScene): Message {
  const head = headLine(view, scene.now)
  const next = nowLines(view, scene)
  const fallback = [`${unstarred(head).replace(/^\S+ /, '')}.`, ...next.flatMap((line) => line ?? [])].join(' ')
  return message(`${nameOf(view.incident.id)} ${unstarred(fallback)}`, [
    section(head, ...next),
    context(factLine(view)),
    ...body(view, scene),
    ...actBlocks(view, scene),
  ])
}

function body(view: IncidentView, scene: IncidentScene): (KnownBlock | null)[] {
  const { state } = view.incident
  if (state === 'duplicate') return []
  const primary = primaryOf(view, scene)
  if (state !== 'open')
    return [
      suspectBlock(view, [...suspectLines(view, scene.now), ...recoveryLines(view, scene.recoveries ?? [])]),
      ...taskBlocks(view),
      ...draftBlocks(view),
      section(...troubleLines(view)),
    ]
  return [
    proposalBlock(view),
    section(seenLine(scene)),
    suspectBlock(view, [...suspectLines(view, scene.now), alertLine(view)]),
    section(...recoveryLines(view, scene.recoveries ?? [])),
    section(guideLine(scene.guide)),
    section(...gateLines(view, scene)),
    // Below: on a phone each of its buttons takes a line, and what to do comes before who does it.
    ...roleBlocks(view, primary),
    ...taskBlocks(view),
    ...draftBlocks(view),
    section(...troubleLines(view)),
  ]
}

function suspectBlock(view: IncidentView, lines: (string | null)[]): KnownBlock | null {
  const words = section(...lines)
  const menu = settleMenu(view)
  return words && menu ? { ...words, accessory: menu } : words
}
