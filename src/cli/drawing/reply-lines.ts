import type { EnvironmentStatus, Form, Gate, HelpEntry, Refusal, Reply } from '../../commands/reply.js'
import { spokenForm } from '../../commands/spoken-form.js'
import type { IncidentRecord } from '../../incidents/incident.js'
import { backupListLines, backupScheduleLines, backupsLines } from './backup-lines.js'
import { measureLines, onCallLines } from './duty-lines.js'
import { drillLines, guideListLines, incidentLine, incidentLines, timelineLines } from './incident-lines.js'
import { lockWords, placeLines } from './line-lines.js'
import { plain, plainLines, textLines } from './plain.js'
import { routineLines } from './routine-lines.js'
import { runLine, runLines } from './run-lines.js'
import { signOfOutcome } from './signs.js'

/** A reply as lines for the terminal; without colours, so that it reads the same in a file. */
export function replyLines(reply: Reply, now: Date): string[] {
  switch (reply.kind) {
    case 'accepted':
      return [...plainLines(reply.text), runLine(reply.run), ...(reply.first ? [] : ['This was asked for before.'])]
    case 'refused':
      return refusalLines(reply.refusal)
    case 'form':
      return formLines(reply.form)
    case 'said':
      return plainLines(reply.text)
    case 'help':
      return [...plainLines(reply.intro), ...reply.entries.flatMap(helpLines)]
    case 'status':
      return reply.environments.flatMap((status) => statusLines(status, now))
    case 'runs':
      return [plain(reply.title), ...reply.runs.map(runLine)]
    case 'run':
      return runLines(reply.view, now)
    case 'lines':
      return reply.places.length === 0
        ? plainLines(reply.none)
        : [...plainLines(reply.title), ...reply.places.flatMap((place) => placeLines(place, now))]
    case 'why':
      return whyLines(reply.service, reply.environment, reply.mayGo, reply.gates)
    case 'diagnosis':
      return diagnosisLines(reply)
    case 'token':
      return [reply.token]
    case 'incident':
      return incidentLines(reply.view, reply.guide, now)
    case 'incidents':
      return [plain(reply.title), ...shownIncidents(reply.incidents, now)]
    case 'timeline':
      return timelineLines(reply.incident, reply.entries, now)
    case 'guides':
      return [...guideListLines(reply.intro, reply.found, now), ...solvedLines(reply.solved)]
    case 'drills':
      return drillLines(reply.guides, now)
    case 'on call':
      return [
        ...onCallLines(reply.lines, now),
        ...(reply.glass ?? []).map(({ text, command }) => plain(`${text} ${spokenForm(command, 'terminal')}`, 300)),
      ]
    case 'metrics':
      return measureLines(reply.measures)
    case 'backups':
      return backupsLines(reply.databases, now)
    case 'backup list':
      return backupListLines(reply)
    case 'backup schedule':
      return backupScheduleLines(reply.databases)
    case 'routines':
      return routineLines(reply, now)
    case 'document':
    case 'handbook':
      return textLines(reply.markdown)
  }
}

const shownIncidents = (incidents: IncidentRecord[], now: Date): string[] =>
  incidents.length === 0 ? ['  none'] : incidents.map((one) => incidentLine(one, now))

const solvedLines = (solved: string[]): string[] =>
  solved.length === 0 ? [] : ['Solved before:', ...solved.map((sentence) => `  ${plain(sentence, 300)}`)]

/** What was refused, why, and the way forward. */
export function refusalLines({ what, why, next, code }: Refusal): string[] {
  return [`${what} (${code})`, why, next].flatMap(plainLines).filter((line) => line !== '')
}

/** One gate or finding: sign, outcome in words, what it found, and what to do. */
export function gateLines({ title, outcome, evidence }: Gate): string[] {
  const line = `${signOfOutcome(outcome)} ${plain(title)} · ${outcome} · ${plain(evidence.summary)}`
  return evidence.next ? [line, `    ${plain(evidence.next)}`] : [line]
}

// A terminal has no form, so it says which words are missing.
function formLines(form: Form): string[] {
  const asked = form.fields.filter(({ carried }) => !carried)
  const fields = asked.map((field) => {
    const choices = field.options?.slice(0, 8).map((option) => plain(option.value, 60)) ?? []
    const more = (field.options?.length ?? 0) > choices.length ? ', …' : ''
    const given = field.value ? ` (${plain(field.value, 60)})` : ''
    return `  ${plain(field.label)}${given}${choices.length > 0 ? `: ${choices.join(', ')}${more}` : ''}`
  })
  const words = ['environment', 'database', 'point', 'version', 'instances'].map((name) =>
    form.fields.find((field) => field.name === name),
  )
  const example = ['shipmate', form.name, ...words.flatMap((field) => field?.value ?? [])].map((word) =>
    plain(word, 60),
  )
  return [
    `${plain(form.title)}: some words are missing.`,
    ...plainLines(form.intro).filter(Boolean),
    ...fields,
    `For example: ${example.join(' ')}`,
  ]
}

function helpLines(entry: HelpEntry): string[] {
  return [plain(entry.usage), `    ${plain(entry.summary)}`, `    such as ${plain(entry.example)}`]
}

function statusLines(status: EnvironmentStatus, now: Date): string[] {
  const mode = status.mode === 'observe' ? ' (observed only)' : ''
  return [`${plain(status.environment)}${mode}`, ...status.services.flatMap((service) => serviceLines(service, now))]
}

function serviceLines(service: EnvironmentStatus['services'][number], now: Date): string[] {
  const { instances, serving, lock, problem } = service
  const count = instances ? `, ${instances.ready} of ${instances.wanted} instances ready` : ''
  const head = serving ? `serves ${plain(serving)}${count}` : `serves nothing${count}`
  return [
    `  ${plain(service.service)} ${head}`,
    ...(problem ? [`    ⚠ ${plain(problem)}`] : []),
    ...(lock ? [`    ${lockWords(lock, now)}`] : []),
    ...service.live.map((run) => `    ${runLine(run)}`),
  ]
}

function whyLines(service: string, environment: string, mayGo: boolean, gates: Gate[]): string[] {
  const place = `${plain(service)} in ${plain(environment)}`
  const head = mayGo ? `You may deploy ${place} now.` : `You cannot deploy ${place} now.`
  return [head, ...gates.flatMap(gateLines)]
}

function diagnosisLines({ service, environment, ...reply }: Extract<Reply, { kind: 'diagnosis' }>): string[] {
  const rest = reply.findings.filter(({ title }) => title !== reply.begins?.title)
  return [
    `${plain(service)} in ${plain(environment)}: ${plain(reply.verdict, 200)}`,
    ...(reply.begins ? findingLines(reply.begins) : []),
    ...reply.helps.map(
      ({ name, title }) =>
        `    A guide repairs that: ${plain(title)}. In an incident: shipmate incident guide ${plain(name)}`,
    ),
    ...rest.flatMap(findingLines),
    ...(reply.skipped.length > 0 ? [`Not set up: ${plain(reply.skipped.join(', '), 600)}`] : []),
  ]
}

/** A check is titled by what should be: where it is not, what was found comes before what was looked for. */
function findingLines(finding: Gate): string[] {
  const { title, outcome, evidence } = finding
  if (outcome === 'pass') return gateLines(finding)
  const line = `${signOfOutcome(outcome)} ${outcome} · ${plain(evidence.summary, 200)} · checked: ${plain(title)}`
  return evidence.next ? [line, `    ${plain(evidence.next, 200)}`] : [line]
}
