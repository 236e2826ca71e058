import type { RestorePoint } from '../../../backups/backup.js'
import { type RestorePolicy, stagesOf } from '../../../releases/backups/restore-policy.js'
import type { CheckStep, DoStep, Step } from '../../../runs/step.js'
import type { Asked } from './asked.js'
import { asJson } from './parts.js'

const minute = 60_000
/** No restore of a database that one machine holds takes longer. */
const longest = 24 * 60 * minute
const found = { from: 'scratch', field: 'found' }

export const look = (
  key: string,
  title: string,
  check: string,
  input: object,
  more: Partial<CheckStep> = {},
): CheckStep => ({
  ...{ key, title, verb: 'check', check, with: { ...input }, timeout: 10 * minute, onFailure: 'undo' },
  ...more,
})

export const act = (key: string, title: string, action: string, input: object, more: Partial<DoStep> = {}): DoStep => ({
  ...{ key, title, verb: 'do', action, with: { ...input }, timeout: 5 * minute, onFailure: 'undo' },
  ...more,
})

/** What must hold before anything is done; `able` looks whether all that it takes is there. */
export function gates(unlocked: CheckStep, database: string, point: RestorePoint, able = 'restore.able'): Step[] {
  const at = { database, point: asJson(point) }
  return [
    unlocked,
    look('able', 'all that it takes is there', able, { database }, { needs: [], retries: 2 }),
    look(
      'hand-over',
      'the newest WAL is in the archive',
      'restore.hand-over',
      { database },
      {
        needs: ['unlocked', 'able'],
      },
    ),
    look('reachable', 'that moment can be had', 'restore.reachable', at, { repeat: { every: 1_000, max: 20 } }),
  ]
}

export const intoScratch = (database: string, point: RestorePoint): Step[] => [
  act(
    'scratch',
    `restore ${database} into a scratch server`,
    'restore.scratch',
    { database, point: asJson(point) },
    {
      timeout: longest,
      retries: 1,
      undo: { title: 'remove the scratch', action: 'restore.clear', with: { database }, timeout: 10 * minute },
    },
  ),
]

/** What was verified; where it may have been so before the trouble, people decide whether it stands in the way. */
export function judged(database: string): Step[] {
  const input = { database, found }
  const one = (key: string, title: string, onFailure: 'undo' | 'ask') =>
    look(key, title, `drill.${key}`, input, { needs: ['scratch'], onFailure })
  const judgements = [
    one('structure', 'tables and indexes are whole', 'undo'),
    one('rows', 'there are rows', 'undo'),
    one('orphans', 'every foreign key leads somewhere', 'ask'),
    one('newest', 'the newest row is close to that moment', 'ask'),
    one('invariants', 'what must hold holds', 'ask'),
  ]
  const needs = judgements.map(({ key }) => key)
  return [
    ...judgements,
    look('compare', 'rows, old data → restored', 'restore.compare', input, { needs, timeout: 30 * minute }),
  ]
}

/** The old data is kept whatever happens; what comes after an undo is the application on the data it had. */
export function intoPlace({ policy: { database }, restore }: Asked): Step[] {
  const swapping = within(restore)
  return [
    act(
      'stage',
      'put the restored data beside the live one',
      'restore.stage',
      { database },
      {
        timeout: longest,
        undo: { title: 'remove it from there', action: 'restore.unstage', with: { database }, timeout: 10 * minute },
      },
    ),
    closing(database, restore),
    look('keep', 'the last that was written is in the archive', 'restore.hand-over', { database, name: true }),
    act(
      'swap',
      'swap the data',
      'restore.swap',
      { database },
      {
        timeout: swapping,
        undo: { title: 'put the old data back', action: 'restore.back', with: { database }, timeout: swapping },
      },
    ),
  ]
}

export const closing = (database: string, restore: RestorePolicy): DoStep =>
  act(
    'close',
    'pause the application',
    'restore.close',
    { database },
    {
      timeout: pausing(restore),
      undo: {
        title: 'let the application in again',
        action: 'restore.open',
        with: { database, how: 'all' },
        timeout: pausing(restore),
      },
    },
  )

/** As long as the commands of the operator's file may take, with a little for the names. */
export function within({ swap }: RestorePolicy): number {
  return swap.driver === 'folder' ? swap.stop.within + swap.start.within + minute / 2 : 2 * minute
}

const pausing = ({ pause }: RestorePolicy) =>
  pause.driver === 'pgbouncer' ? pause.within + minute / 2 : pause.driver === 'commands' ? 3 * minute : minute

/**
 * The restored data is looked at before anybody gets in, where the pause lets us in alone; else by reading first. Nothing
 * that was written on it is undone unasked.
 */
export function reopening({ policy: { database }, restore }: Asked, probe: object | null): Step[] {
  const stages = stagesOf(restore)
  const shut = restore.pause.driver === 'server'
  const live = look(
    'live',
    'what serves is what was verified',
    'restore.live',
    { database, found },
    {
      timeout: 30 * minute,
      retries: 2,
    },
  )
  const opened = (how: 'read-only' | 'canary' | 'all', title: string, onFailure: 'undo' | 'ask') =>
    act(`open-${how}`, title, 'restore.open', { database, how }, { timeout: pausing(restore), retries: 2, onFailure })
  const visited = (key: string, onFailure: 'undo' | 'ask'): Step[] =>
    probe === null
      ? []
      : [
          look(key, 'visitors get an answer', 'http.probe', probe, {
            timeout: minute,
            repeat: { every: 1_000, max: 30 },
            onFailure,
          }),
        ]
  return [
    ...(shut ? [] : [live]),
    ...(stages.includes('read-only')
      ? [opened('read-only', 'let the application read', 'undo'), ...visited('reads', 'undo')]
      : []),
    ...(shut ? [live] : []),
    ...(stages.includes('canary')
      ? [opened('canary', 'let a share of the visitors in', 'ask'), ...visited('canary-visits', 'ask')]
      : []),
    opened('all', 'let everybody in', 'ask'),
    ...visited('visits', 'ask'),
  ]
}

/** Nothing of this undoes a restore that is live. */
export const afterwards = ({ policy: { database } }: Asked): Step[] => [
  look('figures', 'what it took', 'restore.figures', { database }, { onFailure: 'warn' }),
  act('clear', 'remove the scratch', 'restore.clear', { database }, { timeout: 10 * minute, onFailure: 'warn' }),
  backedUpAfter(database),
]

/** What serves now has a history of its own, and is to stand in the storage by itself. */
export const backedUpAfter = (database: string): DoStep =>
  act(
    'backup',
    'ask for a full backup of what serves now',
    'backups.ask',
    { database, kind: 'full' },
    {
      timeout: minute,
      retries: 3,
      onFailure: 'warn',
    },
  )
