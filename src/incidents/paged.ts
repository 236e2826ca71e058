import { changed, type Deciding, type Decision } from './deciding.js'
import { nameOf } from './incident.js'

/** Somebody is there: nobody else is called. The first one counts. */
export function acknowledge({ view, by, now }: Deciding): Decision {
  const { incident } = view
  if (incident.state !== 'open') return { kind: 'so already', text: `${nameOf(incident.id)} is ${incident.state}.` }
  if (incident.acknowledgedAt) return { kind: 'so already', text: `Somebody is at ${nameOf(incident.id)} already.` }
  const text = `${by.name} is at it.`
  return changed(`You are at ${nameOf(incident.id)}; nobody else is called.`, {
    set: { acknowledgedAt: now, wakeAt: now },
    timeline: [{ key: 'acknowledged', kind: 'page', at: now, by, text }],
    posts: [{ key: 'acknowledged', to: { kind: 'thread' }, text }],
    audit: [{ actor: by, act: 'acknowledged', subject: {} }],
  })
}
