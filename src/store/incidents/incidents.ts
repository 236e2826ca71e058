import type { Clock } from '../../clock.js'
import type { AlertDesk, IncidentReads, IncidentStore, IncidentTelling } from '../../incidents/ports.js'
import type { Database } from '../database.js'
import { createAlertDesk } from './alert-desk.js'
import { createIncidentReads } from './incident-reads.js'
import { createIncidentStore } from './incident-store.js'
import { createIncidentTelling } from './incident-telling.js'
import { createOutsideRows, type OutsideRows } from './outside.js'

/** All that is kept of incidents. */
export type Incidents = {
  rows: IncidentStore
  reads: IncidentReads
  alerts: AlertDesk
  telling: IncidentTelling
} & OutsideRows

export const createIncidents = (database: Database, clock: Clock): Incidents => ({
  rows: createIncidentStore(database),
  reads: createIncidentReads(database),
  alerts: createAlertDesk(database),
  telling: createIncidentTelling(database, clock),
  ...createOutsideRows(database),
})
