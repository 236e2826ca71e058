import type { KnownBlock, StaticSelect } from '@slack/types'
import { fixStanding } from '../../incidents/fixes.js'
import { type Fix, type IncidentView, isDrill, type Suspect } from '../../incidents/incident.js'
import { gateState } from '../../incidents/resolving.js'
import { inLikelihood } from '../../incidents/review/suspects.js'
import { hasEnded, type RunView } from '../../runs/run.js'
import { actions, confirmation, plain, section } from '../blocks.js'
import { gap, signs } from '../cards/signs.js'
import { nameOf } from '../cards/subject.js'
import { momentToken } from '../moment.js'
import { list, plural, quote } from '../text.js'
import type { Primary } from './card-buttons.js'
import { evidenceWord } from './card-head.js'
import { guideStanding } from './guide-standing.js'
import type { IncidentScene } from './incident-card.js'
import { incidentButton, incidentPrefix } from './incident-press.js'

/** A severity that the figures speak for, and the button with which a person takes it. */
export function proposalBlock({ incident }: IncidentView): KnownBlock | null {
  const { proposal, severity, id } = incident
  if (!proposal || proposal.severity === severity) return null
  const text = section(`The figures speak for *${proposal.severity}*: ${quote(proposal.why, 160)}.`)
  const take = { name: 'severity' as const, severity: proposal.severity, incident: id }
  return text && { ...text, accessory: incidentButton('proposed', `Make it ${proposal.severity}`, take) }
}

/** Who does what, and a button for each role that nobody has. */
export function roleBlocks({ incident }: IncidentView, primary: Primary): (KnownBlock | null)[] {
  const words = incident.roles.map(({ role, person }) => {
    return `${titled(role)} ${person ? nameOf(person) : '_unclaimed_'}`
  })
  const free = incident.roles.filter(({ person }) => person === null).slice(0, 4)
  const claims = free.map(({ role }) => {
    const style = primary === `role:${role}` ? { style: 'primary' as const } : {}
    return incidentButton(`role:${role}`, `Claim ${role}`, { name: 'role', role, incident: incident.id }, style)
  })
  return [section(words.join(' · ')), actions(`incident-${incident.id}-roles`, claims)]
}

const mostSuspects = 5

/** What may have caused it, likeliest first, with what speaks for it. */
export function suspectLines({ suspects, incident }: IncidentView, now: Date): string[] {
  if (suspects.length === 0) {
    const looking = incident.state === 'open' && now.getTime() - incident.declaredAt.getTime() < 60_000
    return looking || incident.state !== 'open' ? [] : [`*Suspects*${gap}none found`]
  }
  const ordered = inLikelihood({ suspects })
  const more = ordered.length - mostSuspects
  return [
    '*Suspects*',
    ...ordered.slice(0, mostSuspects).flatMap((suspect, at) => suspectWords(suspect, at + 1, now)),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ]
}

/** A menu beside the suspects: what each of them turned out to be, in a person's word. */
export function settleMenu(view: IncidentView): StaticSelect | null {
  const options = inLikelihood(view)
    .slice(0, mostSuspects)
    .flatMap(({ key }, at) =>
      (['confirmed', 'cleared'] as const).map((verdict) => ({
        text: plain(`${at + 1} was ${verdict === 'confirmed' ? '' : 'not '}the cause`, 75),
        value: JSON.stringify({ name: 'settle', suspect: key, verdict, incident: view.incident.id }),
      })),
    )
    // Slack takes no longer values here; a suspect with a longer key is settled by its command.
    .filter(({ value }) => value.length <= 150)
  if (options.length === 0) return null
  const placeholder = plain('Was it the cause?', 150)
  return { type: 'static_select', action_id: `${incidentPrefix}:settle`, placeholder, options }
}

function suspectWords({ text, evidence }: Suspect, at: number, now: Date): string[] {
  const proof = evidence
    .slice(0, 3)
    .map((one) => evidenceWord(one, now))
    .join(' · ')
  return [`${at}${gap}${quote(text, 160)}`, ...(proof ? [`${gap}${gap}${proof}`] : [])]
}

export function alertLine({ alerts }: IncidentView): string | null {
  if (alerts.all === 0) return null
  return `*Alerts*${gap}${alerts.firing === 0 ? 'all quiet' : `${alerts.firing} firing`} of ${alerts.all}`
}

/** How one like it was solved before, above what may have caused this one. */
export const seenLine = ({ seenBefore }: IncidentScene): string | null =>
  seenBefore ? quote(seenBefore, 200).replace(/^Seen [^,;.]+/, '*$&*') : null

/** Which step of the guide waits, and for whom. */
export function guideLine(guide: RunView | null): string | null {
  if (!guide) return null
  const standing = guideStanding(guide)
  const name = `*Guide*${gap}${quote(standing.title, 60)}`
  if (hasEnded(guide.run.state)) return `${name}: ${guide.run.state}, ${standing.done} of ${standing.of} steps done`
  const at = `step ${standing.at} of ${standing.of}`
  return `${name}: ${at}${standing.current ? `, ${standing.waits}: ${quote(standing.current, 100)}` : ''}`
}

/** What the resolve gate still waits for. */
export function gateLines(view: IncidentView, { settings, now }: IncidentScene): string[] {
  const gate = gateState(view.gate, settings.gate.green, now)
  const against = view.gate.filter(({ outcome }) => outcome === 'fail' || outcome === 'error' || outcome === 'warn')
  const when = gate.opensAt && !gate.open ? ` · opens ${momentToken(gate.opensAt, now)}` : ''
  const { declaredAt, service, environment } = view.incident
  const isYoung = now.getTime() - declaredAt.getTime() < 30_000
  if (view.gate.length === 0 && service && environment && isYoung)
    return [`*Resolve gate*${gap}${signs.running} its checks look for the first time`]
  const standing =
    gate.opensAt && !gate.open ? `${gate.green} of ${gate.of} checks green${when}` : quote(gate.standing, 120)
  return [
    `*Resolve gate*${gap}${gate.open ? `${signs.done} ` : ''}${standing}`,
    ...against.slice(0, 5).map(({ outcome, text }) => {
      const sign = outcome === 'warn' ? signs.warning : signs.failed
      return `${sign} ${quote(text, 140)}${outcome === 'error' ? ' (could not tell)' : ''}`
    }),
  ]
}

const mostTasks = 4

const signOfFix = ({ back, liveAt }: Fix) => (back ? signs.failed : liveAt ? signs.running : signs.coming)

/** What somebody has promised to do; each with the button that ticks it off. */
export function taskBlocks({ tasks, incident }: IncidentView): (KnownBlock | null)[] {
  const open = tasks.filter(
    ({ doneAt, kind }) => doneAt === null && (incident.state !== 'open' || kind !== 'follow-up'),
  )
  const more = open.length - mostTasks
  return [
    ...open.slice(0, mostTasks).map(({ id, text, owner, kind, fix, doneAt }) => {
      const sign = fix ? signOfFix(fix) : signs.people
      const said = fix ? `Fix: ${fixStanding({ text, fix, doneAt })}` : text
      const words = section(
        `${sign} ${kind === 'follow-up' ? 'Follow-up: ' : ''}${quote(said, 140)}${owner ? ` · ${nameOf(owner)}` : ''}`,
      )
      const tick = { name: 'tick' as const, task: id, incident: incident.id }
      return words && { ...words, accessory: incidentButton(`tick:${id}`, 'Done', tick) }
    }),
    more > 0 ? section(`… and ${plural(more, 'task')} more: /incident show ${incident.id}`) : null,
  ]
}

/** Words that wait to be read by somebody before people outside see them. */
export function draftBlocks({ updates, incident }: IncidentView): (KnownBlock | null)[] {
  const drafts = updates.filter(({ publishedAt }) => publishedAt === null).slice(-2)
  return drafts.map(({ id, text, phase, audience, draftedBy }) => {
    const words = section(
      `*Draft* (${phase}) by ${nameOf(draftedBy)}, for ${list(audience) || 'the incident alone'}:`,
      ...text
        .split('\n')
        .slice(0, 8)
        .map((line) => quote(line, 300)),
    )
    const whom = isDrill(incident)
      ? 'It is a drill: nobody outside reads it.'
      : `People outside read it at once: ${list(audience) || 'nobody but this channel'}.`
    const confirm = confirmation('Publish it?', whom, 'Publish')
    const publish = { name: 'publish' as const, update: id, incident: incident.id }
    return words && { ...words, accessory: incidentButton(`publish:${id}`, 'Publish', publish, { confirm }) }
  })
}

/** What could not be set up, and how people do it by hand. */
export const troubleLines = ({ incident }: IncidentView): string[] =>
  incident.room.troubles
    .slice(0, 6)
    .flatMap(({ text, next }) => [
      `${signs.warning} ${withPeople(quote(text, 240))}`,
      ...(next ? [`${gap}${quote(next, 240)}`] : []),
    ])

/** Ids become names; a message that is only changed calls nobody. */
const withPeople = (text: string): string => text.replace(/@\u200b([UW][A-Z0-9]{2,20})\b/g, '<@$1>')

const titled = (role: string): string => {
  const words = quote(role, 40)
  return `*${words.charAt(0).toUpperCase()}${words.slice(1)}*`
}
