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
  const fitting = await guides.fitting({ alerts: names, service: incident.service, text }, most)
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
