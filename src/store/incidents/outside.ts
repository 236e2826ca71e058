import type { MeasureReads } from '../../incidents/measures/measures.js'
import type { Mirrors } from '../../incidents/paging/mirror.js'
import type { PageDesk } from '../../incidents/paging/paging.js'
import type { Deliveries } from '../../incidents/public/deliveries.js'
import type { DigestRows } from '../../incidents/public/digest.js'
import type { PublicRows } from '../../incidents/public/status.js'
import type { IssueRows } from '../../incidents/review/follow-ups.js'
import type { SolvedRows } from '../../incidents/review/known-errors.js'
import type { Database } from '../database.js'
import { createDigestRows } from './afterwards/digest-rows.js'
import { createIssueRows } from './afterwards/issue-rows.js'
import { createDeliveries } from './deliveries.js'
import { createMeasureReads } from './measure-reads.js'
import { createMirrors } from './mirrors.js'
import { createPageDesk } from './page-desk.js'
import { createPublicRows } from './public-rows.js'
import { createSolvedRows } from './solved-rows.js'

/** What is kept of calling people, of telling those outside, and of learning afterwards. */
export type OutsideRows = {
  pages: PageDesk
  mirrors: Mirrors
  deliveries: Deliveries
  public: PublicRows
  measures: MeasureReads
  solved: SolvedRows
  issues: IssueRows
  digests: DigestRows
}

export const createOutsideRows = (database: Database): OutsideRows => ({
  pages: createPageDesk(database),
  mirrors: createMirrors(database),
  deliveries: createDeliveries(database),
  public: createPublicRows(database),
  measures: createMeasureReads(database),
  solved: createSolvedRows(database),
  issues: createIssueRows(database),
  digests: createDigestRows(database),
})
