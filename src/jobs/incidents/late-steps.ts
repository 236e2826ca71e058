import { type TimedStep, timedSteps } from '../../incidents/guides/timed-steps.js'
import type { IncidentView } from '../../incidents/incident.js'
import type { IncidentChange, IncidentReads } from '../../incidents/ports.js'
import type { RunDesk } from '../../runs/ports.js'
import { hasEnded, type StepRecord } from '../../runs/run.js'
import { isEnded } from '../../runs/step.js'

type Minding = { runs: Pick<RunDesk, 'view'>; reads: Pick<IncidentReads, 'timeline'> }

/** A guide's step that takes longer than its guide allows: whoever is at it is reminded once, else the commander. */
export async function lateStepsReminded(
  { runs, reads }: Minding,
  view: IncidentView,
  now: Date,
): Promise<{ change?: IncidentChange; again?: Date }> {
  const { incident } = view
  const guide = incident.guide === null || incident.state !== 'open' ? null : await runs.view(incident.guide)
  if (!guide || hasEnded(guide.run.state)) return {}
  const timed = timedSteps(guide).filter(({ record }) => !isEnded(record.state))
  const next = timed.flatMap(({ lateAt }) => (lateAt > now ? [lateAt.getTime()] : []))
  const again = next.length > 0 ? { again: new Date(Math.min(...next)) } : {}
  const late = timed.filter(({ lateAt }) => lateAt <= now)
  if (late.length === 0) return again
  const known = new Set((await reads.timeline(incident.id)).map(({ key }) => key))
  const fresh = late.filter(({ record }) => !known.has(keyOf(record)))
  if (fresh.length === 0) return again
  return { change: reminders(fresh, view, now), ...again }
}

function reminders(late: TimedStep[], { incident }: IncidentView, now: Date): IncidentChange {
  const commander = incident.roles.find(({ role }) => role === 'commander')?.person ?? null
  const said = late.map(({ record, minutes }) => {
    const whom = record.taken?.by ?? commander
    const text = `“${record.step.title}” takes longer than the ${minutes} min its guide allows.`
    return { key: keyOf(record), text, ...(whom && { whom: whom.id }) }
  })
  return {
    timeline: said.map(({ key, text }) => ({ key, kind: 'guide', at: now, by: null, text })),
    posts: said.map(({ key, text, whom }) => ({
      ...{ key, text, to: { kind: 'thread' as const } },
      ...(whom && { drawing: { name: 'call', data: { person: whom, about: 'step' } } }),
    })),
  }
}

const keyOf = ({ run, key, round }: StepRecord) => `late:${run}:${key}:${round}`
