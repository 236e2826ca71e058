import type { Clock } from '../../clock.js'
import type { Asker } from '../../commands/command.js'
import type { AlertBook, AlertIntake, AlertTurns, OutsideSilences, SilenceRows } from '../../incidents/alerts/ports.js'
import type { AlertRules, Names } from '../../incidents/alerts/rules.js'
import type { IncidentId, IncidentView } from '../../incidents/incident.js'
import type { AlertDesk, IncidentChange, IncidentReads, IncidentStore } from '../../incidents/ports.js'
import type { IncidentSettings } from '../../incidents/settings.js'
import type { Log } from '../../log.js'
import type { Denial } from '../../releases/denial.js'
import type { ReleaseSource } from '../../releases/release.js'

/** What alerts need of the world. */
export type AlertParts = {
  rows: IncidentStore
  reads: Pick<IncidentReads, 'openAt' | 'changes'>
  alerts: AlertDesk
  intake: AlertIntake
  book: AlertBook
  turns: AlertTurns
  silences: SilenceRows
  /** Null where no Alertmanager is named. */
  outside: OutsideSilences | null
  rules: AlertRules
  settings: IncidentSettings
  names: Names
  /** The releases of a service, and where its code is read; null where the operator's file does not say. */
  code(service: string): { repository: string; releases: ReleaseSource } | null
  /** Where an environment's cards appear. */
  channelOf(environment: string): string | null
  /** The workspace that incidents belong to. */
  team(): Promise<string>
  /** Why somebody may not; null when they may. Fails closed. */
  may(asker: Asker, act: 'declare' | 'respond'): Promise<Denial | null>
  clock: Clock
  log: Log
}

/**
 * Changes an incident as it is at that moment: looked at anew when somebody else was faster. False when `make` had
 * nothing to change.
 */
export async function changeIncident(
  { rows, clock }: Pick<AlertParts, 'rows' | 'clock'>,
  id: IncidentId,
  make: (view: IncidentView) => IncidentChange | null,
): Promise<boolean> {
  for (let tries = 0; tries < 20; tries += 1) {
    const view = await rows.view(id)
    const change = view && make(view)
    if (!view || !change) return false
    if (await rows.write(id, view.incident.version, change, clock.now())) return true
    await clock.sleep(Math.min(200, 5 * 2 ** tries))
  }
  throw new Error(`incident ${id} was changed by others all the time`)
}
