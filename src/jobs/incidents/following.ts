import type { Asker } from '../../commands/command.js'
import type { IncidentAct } from '../../commands/incident-words.js'
import type { Reply } from '../../commands/reply.js'
import { changed } from '../../incidents/deciding.js'
import { type IncidentView, nameOf, recoveryIn } from '../../incidents/incident.js'
import { nearest } from '../../releases/nearest.js'
import type { StepTouch, Untouched } from '../../runs/ports.js'
import { hasEnded, type Intent, type RunRecord, type RunView, type StepRecord } from '../../runs/run.js'
import { refusal, wake } from '../desk/parts.js'
import { declare } from './declaring.js'
import { decided, type IncidentDeskParts, mayNot } from './parts.js'

/** Begins a guide in an incident, as a run; the same guide that is being followed already is not begun twice. */
export async function followGuide(
  parts: IncidentDeskParts,
  view: IncidentView,
  name: string,
  asker: Asker,
): Promise<Reply> {
  const taken = await parts.incidents.guides.take(name)
  if (!taken) return unknownGuide(parts, name)
  const { incident } = view
  if (incident.state !== 'open')
    return refusal({
      code: 'incident-over',
      what: 'The guide was not begun.',
      why: `${nameOf(incident.id)} is ${incident.state}.`,
      next: `If it is not over: /incident reopen ${incident.id}`,
    })
  const before = await guideRuns(parts, view, name)
  const live = before.find((run) => !hasEnded(run.state))
  if (live) return { kind: 'said', text: `“${taken.guide.title}” is being followed already: #${live.id}.` }
  const { run } = await parts.desk.submit({
    // One for each time it is begun, so that two who press at once begin it once.
    requestKey: `guide:${incident.id}:${name}:${before.length}`,
    team: incident.team,
    intent: guideIntent(view, name, taken.markdown),
    resources: [],
    priority: 0,
    requestedBy: asker.actor,
    via: asker.via,
    parent: null,
    at: parts.clock.now(),
  })
  await wake(parts, run.id)
  const text = `${asker.actor.name} follows the guide “${taken.guide.title}”.`
  return decided(parts, incident.id, asker, ({ now, by, view: now_ }) => {
    if (now_.runs.some((one) => one.run === run.id))
      return { kind: 'so already', text: `“${taken.guide.title}” is being followed already: #${run.id}.` }
    return changed(`You follow “${taken.guide.title}”: its steps are in the incident's channel.`, {
      set: { guide: run.id, acknowledgedAt: now_.incident.acknowledgedAt ?? now },
      runs: [{ run: run.id, part: 'guide' }],
      timeline: [{ key: `guide:${run.id}`, kind: 'guide', at: now, by, text, data: { run: run.id, guide: name } }],
      audit: [{ actor: by, act: 'began a guide', subject: { run: run.id, guide: name } }],
    })
  })
}

/** The service and the environment of an incident that has none stay empty: checks that need them say so. */
const guideIntent = ({ incident }: IncidentView, guide: string, markdown: string): Intent => ({
  job: 'guide',
  service: incident.service ?? '',
  environment: incident.environment ?? '',
  input: { guide, incident: incident.id, markdown },
  recovery: recoveryIn(incident),
})

async function guideRuns({ desk }: IncidentDeskParts, view: IncidentView, name: string): Promise<RunRecord[]> {
  const runs = view.runs.filter(({ part }) => part === 'guide').map(({ run }) => desk.view(run))
  const found = (await Promise.all(runs)).filter((one): one is RunView => one !== null)
  return found.map(({ run }) => run).filter(({ intent }) => intent.input.guide === name)
}

async function unknownGuide(parts: IncidentDeskParts, name: string): Promise<Reply> {
  const names = (await parts.incidents.guides.all()).map((guide) => guide.name)
  const meant = nearest(name, names)
  return refusal({
    code: 'guide-unknown',
    what: `There is no guide ${name.slice(0, 60)}.`,
    why: meant ? `Did you mean ${meant}?` : 'No file of that name is in the folder of guides.',
    next: 'Look for one by what you see: /ops guide search slow',
  })
}

/** The run of the guide that an incident shows; null when none is followed. */
export const shownGuide = ({ desk }: IncidentDeskParts, { incident }: IncidentView): Promise<RunView | null> =>
  incident.guide === null ? Promise.resolve(null) : desk.view(incident.guide)

export async function takeStep(
  parts: IncidentDeskParts,
  view: IncidentView,
  step: string,
  asker: Asker,
): Promise<Reply> {
  const { record, why } = await touched(parts, view, 'take', step, asker)
  if (why === 'already') return { kind: 'said', text: 'You are at it already.' }
  if (why || !record) return refusal({ ...noSuchStep, ...(record && { why: 'The step has ended meanwhile.' }) })
  const before = record.taken ? `; before, ${record.taken.by.name} was.` : '.'
  return { kind: 'said', text: `You are at “${record.step.title}”${before}` }
}

export async function lookAgain(
  parts: IncidentDeskParts,
  view: IncidentView,
  step: string,
  asker: Asker,
): Promise<Reply> {
  const { record, why } = await touched(parts, view, 'look again', step, asker)
  if (why === 'already') return { kind: 'said', text: 'It is being looked at.' }
  if (!record) return refusal(noSuchStep)
  if (why)
    return refusal({ ...noSuchStep, why: why === 'closed' ? 'The guide has ended.' : 'The step changed meanwhile.' })
  await wake(parts, record.run)
  return { kind: 'said', text: `“${record.step.title}” is looked at again.` }
}

/** The step of the guide that is followed, and why it could not be touched. */
async function touched(
  parts: IncidentDeskParts,
  view: IncidentView,
  kind: StepTouch['kind'],
  step: string,
  { actor: by }: Asker,
): Promise<{ record: StepRecord | null; why: Untouched | null }> {
  const guide = await shownGuide(parts, view)
  const record = guide?.steps.find(({ key }) => key === step)
  if (!record) return { record: null, why: 'no such step' }
  const { run, round } = record
  return { record, why: await parts.desk.touch({ kind, run, step, round, by, at: parts.clock.now() }) }
}

const noSuchStep = {
  code: 'guide-step-unknown',
  what: 'Nothing was changed.',
  why: 'No guide with such a step is followed here.',
  next: 'Look at the guide as it is now.',
}

/** A rehearsal with people: an incident that is marked as a drill, with the guide begun. */
export async function drill(
  parts: IncidentDeskParts,
  { guide, service, environment }: Extract<IncidentAct, { name: 'drill' }>,
  asker: Asker,
): Promise<Reply> {
  const denial = await mayNot(parts, 'declare', asker)
  if (denial) return refusal(denial)
  const taken = await parts.incidents.guides.take(guide)
  if (!taken) return unknownGuide(parts, guide)
  const place = { ...(service && { service }), ...(environment && { environment }) }
  const opened = await declare(
    parts,
    { name: 'declare', title: `Drill: ${taken.guide.title}`, severity: 'SEV4', drill: guide, ...place },
    asker,
  )
  if (opened.kind !== 'said') return opened
  const [newest] = await parts.incidents.store
    .list({ state: 'open', limit: 20 })
    .then((all) =>
      all.filter(
        ({ source, declaredBy }) =>
          source.kind === 'drill' && source.guide === guide && declaredBy.id === asker.actor.id,
      ),
    )
  const view = newest ? await parts.incidents.store.view(newest.id) : null
  if (!view) return opened
  const begun = await followGuide(parts, view, guide, asker)
  return begun.kind === 'said' ? { kind: 'said', text: `${opened.text}\n${begun.text}\n${realActs}` } : begun
}

const realActs = 'Nothing is broken, but what its buttons do is real: each act asks for the usual rights and approvals.'
