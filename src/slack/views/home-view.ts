import type { HomeView, KnownBlock } from '@slack/types'
import type { HelpEntry, PlaceLine } from '../../commands/reply.js'
import { isWorse } from '../../incidents/severity.js'
import type { Home } from '../../jobs/desk.js'
import type { Occurrence } from '../../releases/routines/routine.js'
import type { RunView } from '../../runs/run.js'
import { actions, context, divider, plain, section } from '../blocks.js'
import { headLine } from '../cards/head.js'
import { nextLines } from '../cards/next-line.js'
import { progressLine } from '../cards/progress.js'
import { isWorking } from '../cards/run-card.js'
import { incidentLine } from '../replies/incidents.js'
import { placeBlocks } from '../replies/lines.js'
import { openFormAction } from '../replies/opening.js'
import { occurrenceButtons, standingLine, taskLines } from '../routines/occurrence-lines.js'
import { quote } from '../text.js'

export type HomeScene = { now: Date; channelOf(environment: string): string | null }

/** App Home, in this order: what waits for me, what is running, what is broken, what is locked, what I may do. */
export function homeView(home: Home, scene: HomeScene): HomeView {
  const blocks = [
    ...waiting(home, scene),
    ...part('Running', home.running, 'Nothing is running.', scene),
    ...broken(home, scene),
    ...locked(home.locked, scene.now),
    ...mayDo(home.may),
  ]
  return { type: 'home', callback_id: 'home', blocks: blocks.filter((block) => block !== null).slice(0, 100) }
}

/** Runs that ask, then recurring work that is this person's to do. */
function waiting({ waitsForMe, routines }: Home, scene: HomeScene): (KnownBlock | null)[] {
  const [head = null, ...rest] = part('Waits for you', waitsForMe, 'No run waits for you.', scene)
  if (routines.length === 0) return part('Waits for you', waitsForMe, 'Nothing waits for you.', scene)
  return [head, ...routines.slice(0, 10).flatMap((one) => routineBlocks(one, scene.now)), ...rest]
}

const routineBlocks = (one: Occurrence, now: Date): (KnownBlock | null)[] => [
  section(standingLine(one, now), ...taskLines(one)),
  actions(`routine-${one.id}`, occurrenceButtons(one)),
]

function part(title: string, views: RunView[], none: string, scene: HomeScene): (KnownBlock | null)[] {
  const shown = views.slice(0, 10)
  const more = views.length - shown.length
  const runs = shown.flatMap((view) => runBlocks(view, scene))
  return [
    header(title),
    ...(runs.length > 0 ? runs : [context(none)]),
    more > 0 ? context(`… and ${more} more: /ops runs`) : null,
    divider,
  ]
}

/** Open incidents, the worst first, before runs that failed. */
function broken({ broken: views, incidents }: Home, scene: HomeScene) {
  const open = [...incidents].sort((a, b) => (isWorse(a.severity, b.severity) ? -1 : a.severity === b.severity ? 0 : 1))
  if (open.length === 0) return part('Broken', views, 'Nothing is broken.', scene)
  const more = open.length - 10
  const [head, ...rest] = part('Broken', views, 'No run failed of late.', scene)
  return [
    head ?? null,
    section(...open.slice(0, 10).map((one) => incidentLine(one, scene.now))),
    more > 0 ? context(`… and ${more} more: /incident list`) : null,
    ...rest,
  ]
}

function runBlocks(view: RunView, { now, channelOf }: HomeScene): (KnownBlock | null)[] {
  const progress = isWorking(view) ? progressLine(view, [], now) : null
  const channel = channelOf(view.run.intent.environment)
  const where = channel && /^[CG][A-Z0-9]+$/.test(channel) ? ` · its card is in <#${channel}>` : ''
  return [
    section(headLine(view), progress, ...nextLines(view, [], now).slice(0, 2)),
    context(`#${view.run.id}${where}`),
  ]
}

function locked(places: PlaceLine[], now: Date): (KnownBlock | null)[] {
  if (places.length === 0) return []
  return [header('Locked'), ...places.slice(0, 10).flatMap((place, at) => placeBlocks(place, at + 1, now)), divider]
}

function mayDo(may: HelpEntry[]): (KnownBlock | null)[] {
  if (may.length === 0)
    return [header('You may'), context('You may look: /ops status. Ask whoever keeps the operator’s file for more.')]
  const lines = may.slice(0, 12).map(({ example, summary }) => `\`${quote(example, 100)}\`  ${quote(summary, 150)}`)
  const deploys = may.some(({ usage }) => usage.includes('deploy'))
  return [header('You may'), deploys ? actions('home-acts', [deployButton]) : null, section(...lines)]
}

const deployButton = {
  type: 'button' as const,
  action_id: openFormAction,
  style: 'primary' as const,
  text: plain('Deploy…', 75),
  value: JSON.stringify({ name: 'deploy', known: {} }),
}

const header = (text: string): KnownBlock => ({ type: 'header', text: plain(text, 150) })
