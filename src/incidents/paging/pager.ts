import type { OnCallSection } from '../../releases/sections/on-call.js'
import type { IncidentView } from '../incident.js'
import type { IncidentSettings } from '../settings.js'
import { type PageDesk, pagingDue } from './paging.js'
import { type OnCall, onCallAt } from './rota.js'

export type PagerParts = {
  section: OnCallSection
  /** The operator's file's own. */
  zone: string
  settings: IncidentSettings
  desk: PageDesk
  /** Services whose people another pager calls; where it could not be told, the rota calls them. */
  isCalledElsewhere(view: IncidentView, now: Date): Promise<boolean>
}

export type Pager = {
  onCall(service: string | null, now: Date): OnCall | null
  /** Sends the page that is due, if one is; says when to look again. */
  look(view: IncidentView, now: Date): Promise<Date | null>
}

/** How soon one looks again at an incident that moved on in between. */
const soon = 1_000

/** Calls whoever is on duty by the operator's rota; the keeper looks, all state is in rows. */
export function createPager({ section, zone, settings, desk, isCalledElsewhere }: PagerParts): Pager {
  const onCall = (service: string | null, now: Date) => onCallAt(section, zone, service, now)
  return {
    onCall,
    async look(view, now) {
      const { id, version, severity, service } = view.incident
      const scene = {
        rules: settings.severities[severity],
        policy: section.escalation[severity],
        onCall: onCall(service, now),
      }
      const due = pagingDue(view, await desk.record(id), scene, now)
      if (!due.send) return due.again
      if (await isCalledElsewhere(view, now)) return new Date(now.getTime() + 30_000)
      return (await desk.send(id, version, due.send)) ? due.again : new Date(now.getTime() + soon)
    },
  }
}
