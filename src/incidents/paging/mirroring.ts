import { type IncidentView, isDrill, nameOf } from '../incident.js'
import type { IncidentSettings } from '../settings.js'
import type { TimelineEntry } from '../timeline.js'
import { type MirroredIncident, type Mirrors, mirrorDue, type OtherPager, toldAfter } from './mirror.js'

export type MirrorParts = {
  /** `pagerduty`. */
  system: string
  pager: OtherPager
  mirrors: Mirrors
  settings: IncidentSettings
  /** Whether the other side calls people for this service. */
  covers(service: string | null): boolean
  timeline(incident: number): Promise<TimelineEntry[]>
  /** The other side's id of an incident that came from an alert of its own. */
  theirs(view: IncidentView): Promise<string | null>
  linkOf(view: IncidentView): string | null
}

export type Mirroring = {
  /** Tells the other side what it does not know yet; throws when it cannot be told, and is called again then. */
  look(view: IncidentView, now: Date): Promise<void>
  /** It was told of this incident, so it calls people. */
  calls(view: IncidentView): Promise<boolean>
}

/** Keeps an incident of another system in step, in both directions and without a loop: what is so there already is not sent. */
export function createMirroring(parts: MirrorParts): Mirroring {
  const { system, pager, mirrors, settings, covers } = parts
  const mirrored = async (view: IncidentView): Promise<MirroredIncident | null> => {
    const { id, team, service, severity, title } = view.incident
    if (service === null || !covers(service) || isDrill(view.incident)) return null
    const summary = `${nameOf(id)} (${severity}): ${view.incident.private ? 'a private incident' : title}`
    const key = `shipmate/${team}/${nameOf(id)}`
    return { id, service, key, theirs: await parts.theirs(view), summary, severity, link: parts.linkOf(view) }
  }
  return {
    async look(view, now) {
      const incident = await mirrored(view)
      if (!incident) return
      const { id, severity } = view.incident
      // What came from there was called there: it stands as told.
      let told = await mirrors.told(id, system)
      if (!told && incident.theirs !== null) told = toldAfter(null, { do: 'tell', state: 'triggered' }, severity)
      for (const act of mirrorDue(view, await parts.timeline(id), told, settings.severities[severity].page)) {
        const there = act.do === 'note' ? null : await pager.look(incident)
        if (act.do === 'tell' && there?.state !== act.state) await pager.tell(incident, act.state)
        if (act.do === 'urgency' && there && there.urgency !== act.urgency)
          await pager.setUrgency(incident, act.urgency)
        if (act.do === 'note') await pager.note(incident, act.text, act.position)
        told = toldAfter(told, act, severity)
        await mirrors.remember(id, system, told, now)
      }
    },
    calls: async (view) => (await mirrors.told(view.incident.id, system)) !== null,
  }
}
