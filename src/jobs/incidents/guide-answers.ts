import { z } from 'zod'
import type { Asker } from '../../commands/command.js'
import { changed } from '../../incidents/deciding.js'
import { draftUpdate } from '../../incidents/updates.js'
import type { JsonObject } from '../../json.js'
import type { Denial } from '../../releases/denial.js'
import { resolvedInput } from '../../runs/inputs.js'
import { hasEnded, type Intent, type RunView } from '../../runs/run.js'
import type { SetGoing } from '../desk/answering.js'
import { refusal } from '../desk/parts.js'
import type { Start } from '../desk/submitting.js'
import { submit } from '../desk/submitting.js'
import { decided, type IncidentDeskParts } from './parts.js'
import { attach } from './recovering.js'

/** What pressing a guide's *do* asks for, by the step's key; written into its plan. */
const actsShape = z.record(
  z.string(),
  z.object({ job: z.string(), with: z.record(z.string(), z.unknown()), title: z.string().optional() }),
)
const draftsShape = z.record(
  z.string(),
  z.object({ text: z.string(), audience: z.enum(['room', 'stakeholders', 'status page', 'customers']) }),
)

export type GuideAnswer = { step: string; round: number; answer: string }

/**
 * What an answer to a guide's question sets going: a *do* becomes a run under the rights of whoever pressed, a *say* a
 * draft. The guide goes on only when that is there, and pressing again finds it. Null when it is only an answer.
 */
export async function setGoing(
  parts: IncidentDeskParts,
  guide: RunView,
  pressed: GuideAnswer,
  asker: Asker,
): Promise<SetGoing | null> {
  const { pinned = {} } = guide.run.plan ?? {}
  const act = actsShape.safeParse(pinned.acts).data?.[pressed.step]
  if (act) {
    const denial = await claimed(parts, guide, pressed, asker)
    if (denial) return { reply: refusal(denial), data: null }
    return pressed.answer === 'do' ? begunOrLetGo(parts, guide, pressed, act, asker) : null
  }
  const draft = draftsShape.safeParse(pinned.drafts).data?.[pressed.step]
  if (draft && pressed.answer === 'draft') return drafted(parts, guide, draft, asker)
  return null
}

/** What cannot even be asked for leaves the step as it was, to be passed over or tried again. */
async function begunOrLetGo(...[parts, guide, pressed, act, asker]: Parameters<typeof begun>): Promise<SetGoing> {
  try {
    return await begun(parts, guide, pressed, act, asker)
  } catch (thrown) {
    await letGo(parts, guide, pressed, asker)
    throw thrown
  }
}

async function begun(
  parts: IncidentDeskParts,
  guide: RunView,
  { step, round }: Pick<GuideAnswer, 'step' | 'round'>,
  act: { job: string; with: { [name: string]: unknown }; title?: string },
  asker: Asker,
): Promise<SetGoing> {
  const { service, environment, recovery } = guide.run.intent
  const before = act.job === 'rollback' ? await rolledBackAlready(parts, guide) : null
  if (before) return before
  const title = guide.steps.find(({ key }) => key === step)?.step.title ?? step
  const given = resolvedInput(act.with, guide.steps) as JsonObject
  const input = act.job === 'operate' ? { ...given, title: act.title ?? lowered(title) } : given
  const intent: Intent = { job: act.job, service, environment, input, ...(recovery && { recovery }) }
  const start: Start = { parent: guide.run.id, requestKey: childKey(guide, step, round) }
  const reply = await submit(parts, intent, asker, start)
  if (reply.kind !== 'accepted') {
    await letGo(parts, guide, { step, round }, asker)
    return { reply, data: null }
  }
  const view = recovery ? await parts.incidents.store.view(recovery.incident) : null
  if (view)
    await attach(parts, view, reply.run.id, 'recovery', `${asker.actor.name}: ${title} (#${reply.run.id}).`, asker)
  return { reply, data: { run: reply.run.id } }
}

/** One run for each *do* and round, whoever presses and however often. */
const childKey = ({ run }: RunView, step: string, round: number) => `guide-step:${run.id}:${step}:${round}`

/**
 * Of a *do* and a *skip* at the same moment one holds, before anything begins: the timeline says which. Null when it is
 * this one.
 */
async function claimed(
  parts: IncidentDeskParts,
  guide: RunView,
  { step, round, answer }: GuideAnswer,
  asker: Asker,
): Promise<Denial | null> {
  const incident = guide.run.intent.recovery?.incident
  if (incident === undefined) return null
  const claim = childKey(guide, step, round)
  const title = guide.steps.find(({ key }) => key === step)?.step.title ?? step
  const reply = await decided(parts, incident, asker, async ({ now, by }) => {
    const held = await heldAnswer(parts, incident, claim)
    if (held?.answer === answer) return { kind: 'so already', text: '' }
    if (held) return { kind: 'denied', denial: takenOtherwise(held) }
    const text = answer === 'do' ? `${by.name} says to do: ${title}.` : `${by.name} passes over: ${title}.`
    const data = { claim, answer, who: by.name }
    return changed('', {
      timeline: [{ key: `${claim}:${answer}:${asker.requestKey}`, kind: 'guide', at: now, by, text, data }],
    })
  })
  return reply.kind === 'refused' ? reply.refusal : null
}

/** What came to nothing may be passed over after all. */
async function letGo(
  parts: IncidentDeskParts,
  guide: RunView,
  { step, round }: Pick<GuideAnswer, 'step' | 'round'>,
  asker: Asker,
): Promise<void> {
  const incident = guide.run.intent.recovery?.incident
  if (incident === undefined) return
  const claim = childKey(guide, step, round)
  const data = { claim, answer: '', who: asker.actor.name }
  const text = 'It was refused, so nothing was begun.'
  await decided(parts, incident, asker, ({ now, by }) =>
    changed('', {
      timeline: [{ key: `${claim}:refused:${asker.requestKey}`, kind: 'guide', at: now, by, text, data }],
    }),
  )
}

const claimShape = z.object({ claim: z.string(), answer: z.string(), who: z.string() })
type Claim = z.infer<typeof claimShape>

async function heldAnswer({ incidents }: IncidentDeskParts, incident: number, claim: string): Promise<Claim | null> {
  const entries = [...(await incidents.reads.timeline(incident))].sort((a, b) => a.position - b.position)
  const last = entries.flatMap(({ data }) => claimShape.safeParse(data).data ?? []).filter((one) => one.claim === claim)
  const newest = last.at(-1)
  return newest && newest.answer !== '' ? newest : null
}

const takenOtherwise = ({ answer, who }: Claim): Denial => ({
  code: 'answered-otherwise',
  what: 'Your answer changed nothing.',
  why: answer === 'do' ? `${who} has begun this step.` : `${who} has passed this step over.`,
  next: 'Look at the guide as it is now.',
})

/** Whoever pressed the card's button a minute ago went back already: once more would be one version too far. */
async function rolledBackAlready(parts: IncidentDeskParts, { run }: RunView): Promise<SetGoing | null> {
  const { service, environment, recovery } = run.intent
  const incident = recovery && (await parts.incidents.store.view(recovery.incident))
  if (!incident) return null
  const runs = await parts.desk.list({ service, environment, limit: looked })
  const [found] = runs.filter(
    ({ intent: { job }, state, createdAt }) =>
      ['deploy', 'rollback'].includes(job) &&
      createdAt >= incident.incident.declaredAt &&
      (state === 'done' || !hasEnded(state)),
  )
  if (found?.intent.job !== 'rollback') return null
  const text = `#${found.id} rolls it back already, asked for by ${found.requestedBy.name}: nothing more was started.`
  return { reply: { kind: 'said', text }, data: { run: found.id } }
}

const looked = 50

const lowered = (title: string) => `${title.charAt(0).toLowerCase()}${title.slice(1)}`

async function drafted(
  parts: IncidentDeskParts,
  guide: RunView,
  { text, audience }: z.infer<typeof draftsShape>[string],
  asker: Asker,
): Promise<SetGoing> {
  const incident = guide.run.intent.recovery?.incident
  if (incident === undefined) return { reply: { kind: 'said', text: 'Drafted.' }, data: {} }
  const reply = await decided(parts, incident, asker, (deciding) =>
    // Pressed twice it is one draft: the second finds the same words.
    deciding.view.updates.some((one) => one.text === text.trim())
      ? { kind: 'so already', text: 'This is drafted already.' }
      : draftUpdate(deciding, { text, audience: audience === 'room' ? [] : [audience], phase: 'investigating' }),
  )
  return reply.kind === 'refused' ? { reply, data: null } : { reply, data: {} }
}
