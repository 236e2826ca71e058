import { z } from 'zod'
import type { Asker } from '../../commands/command.js'
import { draftUpdate } from '../../incidents/updates.js'
import type { JsonObject } from '../../json.js'
import { resolvedInput } from '../../runs/inputs.js'
import { hasEnded, type Intent, type RunView } from '../../runs/run.js'
import type { SetGoing } from '../desk/answering.js'
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
  if (act && pressed.answer === 'do') return begun(parts, guide, pressed, act, asker)
  const draft = draftsShape.safeParse(pinned.drafts).data?.[pressed.step]
  if (draft && pressed.answer === 'draft') return drafted(parts, guide, draft, asker)
  return null
}

async function begun(
  parts: IncidentDeskParts,
  guide: RunView,
  { step, round }: GuideAnswer,
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
  const start: Start = { parent: guide.run.id, requestKey: `guide-step:${guide.run.id}:${step}:${round}` }
  const reply = await submit(parts, intent, asker, start)
  if (reply.kind !== 'accepted') return { reply, data: null }
  const view = recovery ? await parts.incidents.store.view(recovery.incident) : null
  if (view)
    await attach(parts, view, reply.run.id, 'recovery', `${asker.actor.name}: ${title} (#${reply.run.id}).`, asker)
  return { reply, data: { run: reply.run.id } }
}

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
