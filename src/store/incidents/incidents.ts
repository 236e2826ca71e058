import type { Clock } from '../../clock.js'
import type { AlertBook, AlertIntake, AlertTelling, AlertTurns, SilenceRows } from '../../incidents/alerts/ports.js'
import type { Rehearsals } from '../../incidents/drills/rehearsals.js'
import type { AlertDesk, IncidentReads, IncidentStore, IncidentTelling } from '../../incidents/ports.js'
import type { ConnectionPlan, Database } from '../database.js'
import { createAlertBook, createAlertIntake, createAlertTurns } from './alert-book.js'
import { createAlertDesk } from './alert-desk.js'
import { createAlertTelling } from './alert-messages.js'
import { createSilenceRows } from './alert-silences.js'
import { createIncidentReads } from './incident-reads.js'
import { createIncidentStore } from './incident-store.js'
import { createIncidentTelling } from './incident-telling.js'
import { createOutsideRows, type OutsideRows } from './outside.js'
import { createRehearsals } from './rehearsals.js'
import { createShippedReads } from './shipped.js'

type ShippedReads = ReturnType<typeof createShippedReads>

/** All that is kept of incidents. */
export type Incidents = {
  rows: IncidentStore
  reads: IncidentReads
  alerts: AlertDesk
  telling: IncidentTelling
  intake: AlertIntake
  book: AlertBook
  turns: AlertTurns
  alertTelling: AlertTelling
  silences: SilenceRows
  shipped: ShippedReads
  rehearsals: Rehearsals
} & OutsideRows

export const createIncidents = (database: Database, clock: Clock, plan: ConnectionPlan): Incidents => ({
  rows: createIncidentStore(database),
  reads: createIncidentReads(database),
  alerts: createAlertDesk(database),
  telling: createIncidentTelling(database, clock),
  ...createOutsideRows(database),
  intake: createAlertIntake(database),
  book: createAlertBook(database),
  turns: createAlertTurns(plan),
  alertTelling: createAlertTelling(database, clock),
  silences: createSilenceRows(database),
  shipped: createShippedReads(database),
  rehearsals: createRehearsals(database),
})
