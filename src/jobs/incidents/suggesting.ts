import { suggestGuides } from '../../incidents/guides/suggest-guides.js'
import type { IncidentView } from '../../incidents/incident.js'
import type { AlertDesk, IncidentChange, IncidentReads } from '../../incidents/ports.js'
import type { GuideShelf } from './parts.js'

type Suggesting = { guides: GuideShelf; alerts: Pick<AlertDesk, 'list'>; reads: Pick<IncidentReads, 'timeline'> }

const most = 3

/** The guides that fit are offered once, and once more when something else fits better; nothing while one is followed. */
export async function suggested(
  { guides, alerts, reads }: Suggesting,
  view: IncidentView,
  now: Date,
): Promise<{ change?: IncidentChange }> {
  const { incident } = view
  if (incident.state !== 'open' || incident.guide !== null) return {}
  const own = await alerts.list({ incident: incident.id, limit: 50 })
  const names = own.flatMap(({ title, labels }) => [title, labels.alertname].filter((name) => name !== undefined))
  const text = [incident.title, ...own.map((alert) => `${alert.title} ${alert.text}`)].join(' ')
  const fitting = suggestGuides({ alerts: names, service: incident.service, text }, await guides.all()).slice(0, most)
  const [best] = fitting
  if (!best) return {}
  const key = `guide-fits:${best.guide.name}`
  const timeline = await reads.timeline(incident.id)
  if (timeline.some((entry) => entry.key === key)) return {}
  const offered = fitting.map(({ guide, why }) => ({ name: guide.name, title: guide.title, why }))
  const said = `The guide “${best.guide.title}” may fit: ${best.why}`
  return {
    change: {
      timeline: [{ key, kind: 'guide', at: now, by: null, text: said, data: { guide: best.guide.name } }],
      posts: [
        {
          key,
          to: { kind: 'thread' },
          text: 'A guide may help:',
          drawing: { name: 'guides', data: { guides: offered } },
        },
      ],
    },
  }
}
