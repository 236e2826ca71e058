import { type Rehearsals, scorePrefix } from '../../incidents/drills/rehearsals.js'
import { type DrillScore, drillScore } from '../../incidents/drills/score.js'
import { pointsOf, scoreLines } from '../../incidents/drills/telling.js'
import { type IncidentView, isDrill } from '../../incidents/incident.js'
import type { IncidentChange, IncidentReads } from '../../incidents/ports.js'
import type { JsonObject } from '../../json.js'
import type { RunDesk } from '../../runs/ports.js'
import { hasEnded, type RunView } from '../../runs/run.js'

type Scoring = {
  runs: Pick<RunDesk, 'view'>
  reads: Pick<IncidentReads, 'timeline'>
  rehearsals: Pick<Rehearsals, 'ends'>
}

/** A drill is scored once, when its guide has ended or people ended the drill; the drill is over with its guide. */
export async function drillScored(
  { runs, reads, rehearsals }: Scoring,
  view: IncidentView,
  now: Date,
): Promise<{ change?: IncidentChange }> {
  const { incident } = view
  if (!isDrill(incident)) return {}
  const seen = await Promise.all(view.runs.map(async (one) => ({ ...one, view: await runs.view(one.run) })))
  const isOver = ({ run }: RunView) => hasEnded(run.state) || incident.state !== 'open'
  const guides = seen.flatMap(({ part, view: guide }) => (part === 'guide' && guide && isOver(guide) ? [guide] : []))
  if (guides.length === 0) return {}
  const known = new Set((await reads.timeline(incident.id)).map(({ key }) => key))
  const children = seen.flatMap(({ part, view: child }) => (part === 'recovery' && child ? [child] : []))
  const fresh = guides.filter(({ run }) => !known.has(`${scorePrefix}${run.id}`))
  const scores = await Promise.all(
    fresh.map(async (guide) => {
      const own = children.filter(({ run }) => run.parent === guide.run.id)
      return drillScore({ guide, children: own, ends: await rehearsals.ends(guide.run.id), now })
    }),
  )
  if (scores.length === 0) return {}
  const ends = incident.state === 'open' && scores.some(({ run }) => run === incident.guide)
  return { change: told(scores, ends, now) }
}

function told(scores: DrillScore[], ends: boolean, now: Date): IncidentChange {
  return {
    ...(ends && { set: { state: 'resolved', resolvedAt: now, nextUpdate: null } }),
    timeline: scores.map((score) => ({
      key: `${scorePrefix}${score.run}`,
      ...{ kind: 'guide', at: now, by: null },
      text: `The drill of the guide ${score.guide} was scored: ${pointsOf(score)}.`,
      data: score as unknown as JsonObject,
    })),
    posts: scores.map((score) => ({
      key: `${scorePrefix}${score.run}`,
      to: { kind: 'room' },
      text: scoreLines(score).join('\n'),
    })),
    audit: scores.map(({ run, points, of }) => ({ actor: null, act: 'scored a drill', subject: { run, points, of } })),
  }
}
