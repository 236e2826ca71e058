import { type IncidentView, nameOf } from '../../incidents/incident.js'
import type { IncidentChange, IncidentReads } from '../../incidents/ports.js'
import type { KnownError } from '../../incidents/review/known-errors.js'
import type { GuideShelf } from './parts.js'
import { type Remembering, seenBefore } from './remembering.js'

type Suggesting = Remembering & { guides: GuideShelf; reads: Pick<IncidentReads, 'timeline'> }

const most = 3

/** The guides that fit are offered once, and once more when something else fits better; nothing while one is followed. */
export async function suggested(
  parts: Suggesting,
  view: IncidentView,
  now: Date,
): Promise<{ change?: IncidentChange }> {
  const { guides, alerts, reads } = parts
  const { incident } = view
  if (incident.state !== 'open' || incident.guide !== null) return {}
  const own = await alerts.list({ incident: incident.id, limit: 50 })
  const names = own.flatMap(({ title, labels }) => [title, labels.alertname].filter((name) => name !== undefined))
  const text = [incident.title, ...own.map((alert) => `${alert.title} ${alert.text}`)].join(' ')
  const byHeads = await guides.fitting({ alerts: names, service: incident.service, text }, most)
  const fitting = await provenFirst(byHeads, await seenBefore(parts, view, now), guides)
  const [best] = fitting
  if (!best) return {}
  const key = `guide-fits:${best.name}`
  const timeline = await reads.timeline(incident.id)
  if (timeline.some((entry) => entry.key === key)) return {}
  const said = `The guide “${best.title}” may fit: ${best.why}`
  return {
    change: {
      timeline: [{ key, kind: 'guide', at: now, by: null, text: said, data: { guide: best.name } }],
      posts: [
        {
          key,
          to: { kind: 'thread' },
          text: 'A guide may help:',
          drawing: { name: 'guides', data: { guides: fitting } },
        },
      ],
    },
  }
}

type Fitting = Awaited<ReturnType<GuideShelf['fitting']>>

/** The guide that ended the last one of its kind goes before those that only look fitting. */
async function provenFirst(fitting: Fitting, known: KnownError | null, guides: GuideShelf): Promise<Fitting> {
  const [last] = known?.seen ?? []
  if (!known?.guide || last === undefined) return fitting
  const own = fitting.find(({ name }) => name === known.guide)
  const title = own?.title ?? (await guides.take(known.guide))?.guide.title
  if (title === undefined) return fitting
  const why = `It ended ${nameOf(last)}: ${known.why}.`
  return [{ name: known.guide, title, why }, ...fitting.filter((one) => one !== own)].slice(0, most)
}
