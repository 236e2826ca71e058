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
  /** Who is on call there; null where it does not say, and the rota counts. */
  onCallElsewhere(service: string | null): Promise<OnCall | null>
  /** Whether anybody is called by itself; otherwise only when a person says so. */
  byItself: boolean
}

export type Pager = {
  /** Sends the page that is due, if one is; says when to look again. */
  look(view: IncidentView, now: Date): Promise<Date | null>
}

/** How soon one looks again at an incident that moved on in between. */
const soon = 1_000

/** Calls whoever is on duty by the operator's rota or another pager's; the keeper looks, all state is in rows. */
export function createPager(parts: PagerParts): Pager {
  const { section, zone, settings, desk } = parts
  const byRota = (service: string | null, now: Date) => onCallAt(section, zone, service, now)
  return {
    async look(view, now) {
      const { id, version, severity, service } = view.incident
      const record = await desk.record(id)
      const dueWith = (onCall: OnCall | null) =>
        pagingDue(
          view,
          record,
          { rules: settings.severities[severity], policy: section.escalation[severity], onCall },
          now,
        )
      const due = dueWith(byRota(service, now))
      if (!due.send) return due.again
      // A person who calls wants somebody here, whoever was called elsewhere.
      const isAsked = due.send.call > 0
      if (!isAsked && !parts.byItself) return null
      if (!isAsked && (await parts.isCalledElsewhere(view, now))) return new Date(now.getTime() + 30_000)
      const elsewhere = await parts.onCallElsewhere(service)
      const group = elsewhere?.group ?? byRota(service, now)?.group ?? null
      const meant = elsewhere ? dueWith({ ...elsewhere, group }) : due
      if (!meant.send) return meant.again
      return (await desk.send(id, version, meant.send)) ? meant.again : new Date(now.getTime() + soon)
    },
  }
}
