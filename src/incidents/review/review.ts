import { wallClock } from '../../clock.js'
import { shownDuration } from '../../releases/durations.js'
import type { RunView } from '../../runs/run.js'
import type { AlertRecord } from '../alert.js'
import { fixStanding } from '../fixes.js'
import { type IncidentView, nameOf, type Suspect, type Task } from '../incident.js'
import { inOrder, type TimelineEntry } from '../timeline.js'
import { inline, link, listed, table } from './markdown.js'
import { recoveryOf } from './recovery.js'
import { verdictsOf } from './suspects.js'

export type ReviewScene = {
  view: IncidentView
  timeline: readonly TimelineEntry[]
  /** Every run that belongs to it, its guide's included. */
  runs: readonly RunView[]
  alerts: readonly AlertRecord[]
  /** IANA name: the operator's. */
  zone: string
  now: Date
}

/** The document afterwards, as Markdown: complete without any other page, and safe to show wherever Markdown is. */
export function reviewOf(scene: ReviewScene): string {
  const { id } = scene.view.incident
  const written = `Written ${momentIn(scene)(scene.now)} from the rows of ${nameOf(id)}. Moments are in ${scene.zone}.`
  return `${findingsOf(scene)}\n\n---\n\n${written}\n`
}

/** The same without the moment of its writing: two of them are equal when there is nothing new to read. */
export function findingsOf(scene: ReviewScene): string {
  const { view } = scene
  const { incident } = view
  const sections: [title: string, body: string][] = [
    ['In short', shortly(scene)],
    ['Impact', impactOf(scene)],
    ['What happened', timelineOf(scene)],
    ['Suspects, and what they turned out to be', suspectsOf(scene)],
    ['Decisions', decisionsOf(scene)],
    ['What was done, and whether it worked', recoveryOf(scene)],
    ['Alerts', alertsOf(scene)],
    ['What people outside were told', updatesOf(scene)],
    ['Who did what', rolesOf(view, scene)],
    ['What went well, what did not', prompts],
    ['Follow-ups', followUpsOf(view.tasks)],
  ]
  const head = `# ${nameOf(incident.id)}: ${inline(incident.title)}`
  const state = incident.state === 'open' ? '*It is still open: this is what is known so far.*\n\n' : ''
  const body = sections.map(([title, text]) => `## ${title}\n\n${text}`).join('\n\n')
  return `${head}\n\n${state}${body}`
}

const momentIn =
  ({ zone }: Pick<ReviewScene, 'zone'>) =>
  (at: Date) =>
    wallClock(at, zone)

const apart = (from: Date, to: Date | null) => (to ? shownDuration(to.getTime() - from.getTime()) : null)

function shortly(scene: ReviewScene): string {
  const { incident } = scene.view
  const moment = momentIn(scene)
  const began = incident.impact?.since ?? null
  const place = [incident.service, incident.environment].filter((part) => part !== null).join(' in ')
  const rows: [string, string][] = [
    ['Severity', incident.severity],
    ['Where', place ? inline(place) : 'not known'],
    ['State', incident.state],
    ['Began', began ? moment(began) : 'not known'],
    ['Declared', `${moment(incident.declaredAt)} by ${inline(incident.declaredBy.name)}, ${sourceOf(scene)}`],
    ['Time to acknowledge', apart(incident.declaredAt, incident.acknowledgedAt) ?? 'nobody acknowledged it'],
    ['Time to resolve', apart(incident.declaredAt, incident.resolvedAt) ?? 'not resolved yet'],
    ...(began && began < incident.declaredAt
      ? [['Time to notice', apart(began, incident.declaredAt) ?? ''] as [string, string]]
      : []),
    ...(incident.private ? [['Who may read this', 'those who were invited'] as [string, string]] : []),
  ]
  return table(
    ['', ''],
    rows.map(([name, value]) => [name, value]),
  )
}

function sourceOf({ view, alerts }: ReviewScene): string {
  const { source } = view.incident
  if (source.kind === 'person') return 'by hand'
  if (source.kind === 'run') return `from run #${source.run}`
  if (source.kind === 'drill') return `as a drill of the guide ${inline(source.guide)}`
  const alert = alerts.find(({ id }) => id === source.alert)
  return `from an alert${alert ? ` (${inline(alert.title, 100)})` : ''}`
}

function impactOf({ view }: ReviewScene): string {
  const { impact } = view.incident
  if (!impact) return 'No figure was found, and nobody wrote one down. Ask those who had customers on the line.'
  const share = (value: number | null) => (value === null ? 'not known' : `${Math.round(value * 1000) / 10} %`)
  const evidence = listed(
    impact.evidence.map((one) => inline(one)),
    'Without evidence.',
  )
  return `${inline(impact.text)}\n\nRequests: ${share(impact.requests)} · people: ${share(impact.users)}\n\n${evidence}`
}

function timelineOf(scene: ReviewScene): string {
  const moment = momentIn(scene)
  const rows = inOrder(scene.timeline).map(({ at, kind, by, text, data }) => [
    moment(at),
    kind,
    by ? inline(by.name, 80) : 'by itself',
    typeof data.link === 'string' ? `${inline(text)} (${link('link', data.link)})` : inline(text),
  ])
  return table(['When', 'What kind', 'Who', 'What'], rows)
}

const turnedOut = { confirmed: 'It was the cause', cleared: 'It was not the cause', open: 'Never settled' } as const

function suspectsOf({ view, timeline, runs }: ReviewScene): string {
  if (view.suspects.length === 0) return 'None were found.'
  const verdicts = verdictsOf(view, timeline, runs)
  const one = (suspect: Suspect) => {
    const verdict = verdicts.get(suspect.key) ?? { verdict: 'open', why: 'nobody said so' }
    const evidence = suspect.evidence.map((line) => `  - ${inline(line)}`).join('\n')
    const head = `**${turnedOut[verdict.verdict]}** (${inline(verdict.why)}): ${inline(suspect.text)}`
    return evidence ? `${head}\n${evidence}` : head
  }
  return listed(view.suspects.map(one), '')
}

function decisionsOf(scene: ReviewScene): string {
  const moment = momentIn(scene)
  const made = inOrder(scene.timeline).filter(({ kind }) => kind === 'decision' || kind === 'severity')
  return listed(
    made.map(({ at, by, text }) => `${moment(at)} ${by ? `${inline(by.name, 80)}: ` : ''}${inline(text)}`),
    'None were noted.',
  )
}

function alertsOf(scene: ReviewScene): string {
  const moment = momentIn(scene)
  if (scene.alerts.length === 0) return 'No alert belongs to it. Which one should have come?'
  const rows = scene.alerts.map((alert) => [
    link(alert.title, alert.link),
    inline(alert.source, 40),
    moment(alert.startedAt),
    apart(alert.startedAt, alert.endedAt) ?? 'still firing',
    String(alert.notices),
  ])
  return table(['Alert', 'From', 'Began', 'For', 'Notices'], rows)
}

function updatesOf(scene: ReviewScene): string {
  const moment = momentIn(scene)
  const said = scene.view.updates.map(({ text, phase, audience, publishedAt, publishedBy }) =>
    publishedAt
      ? `${moment(publishedAt)} (${phase}, to ${audience.join(', ')}, by ${inline(publishedBy?.name ?? 'nobody', 80)}): ${inline(text, 2000)}`
      : `*Never published* (${phase}): ${inline(text, 2000)}`,
  )
  return listed(said, 'Nothing.')
}

function rolesOf({ incident }: IncidentView, scene: ReviewScene): string {
  const moment = momentIn(scene)
  const held = incident.roles.map(({ role, person, since }) =>
    person
      ? `${inline(role)}: ${inline(person.name, 80)}${since ? ` since ${moment(since)}` : ''}`
      : `${inline(role)}: nobody`,
  )
  const turns = inOrder(scene.timeline).filter(({ kind }) => kind === 'role' || kind === 'page')
  const history = turns.map(({ at, text }) => `${moment(at)} ${inline(text)}`)
  return `${listed(held, 'No roles.')}\n\n${listed(history, 'Nobody took or gave a role, and nobody was called.')}`
}

function followUpsOf(tasks: readonly Task[]): string {
  const shown = tasks.map(({ kind, text, owner, doneAt, link: address, fix }) => {
    const whose = owner ? ` (${inline(owner.name, 80)})` : kind === 'follow-up' ? ' (nobody yet)' : ''
    const more = address ? ` ${link(kind === 'fix' ? 'change' : 'issue', address)}` : ''
    const named = fix ? `Fix: ${inline(fixStanding({ text, fix, doneAt }))}` : inline(text)
    return `[${doneAt ? 'x' : ' '}] ${named}${whose}${more}`
  })
  return listed(shown, 'None yet. What would have made this shorter, or impossible?')
}

const prompts = [
  '*For the people who were there:*',
  '',
  '- What helped that we did not plan?',
  '- Where were we lucky?',
  '- What did we look for and not find?',
].join('\n')
