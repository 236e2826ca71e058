import { failed, refused, type ShipmateError } from '../../errors.js'
import type { Log } from '../../log.js'
import type { Catalogue } from '../../releases/catalogue.js'
import { type Watch, watchOf } from '../../releases/watch.js'
import type { Action, Check, CheckResult } from '../../runs/abilities.js'
import type { At } from './inputs.js'

/** What everything that looks at the world is made with. */
export type WatchedParts = {
  catalogue: Catalogue
  /** Gives what a reference (`env:NAME`, `file:PATH`) stands for. */
  secret(reference: string): Promise<string>
  log: Log
}

export type Watching = { checks: Check[]; actions: Action[] }

export const watchAt = ({ catalogue }: WatchedParts, { service, environment }: At): Watch | null =>
  watchOf(catalogue, service, environment)

/** Skip is not pass: nothing was looked at, and it says what would have to be set up. */
export const notSetUp = ({ service, environment }: At, key: string): CheckResult => ({
  outcome: 'skip',
  summary: `not set up: no ${key} for ${service} in ${environment}`,
  next: `To have it looked at, add watch.${key} to ${service} in ${environment} in the operator’s file.`,
})

/** An action cannot be skipped: nothing was done, and it says so. */
export const cannotAct = ({ service, environment }: At, key: string): ShipmateError =>
  failed('not-set-up', `nothing was done: no ${key} is set up for ${service} in ${environment}`, {
    wanted: `watch.${key} in the operator’s file`,
    came: 'nothing',
    next: `Do it by hand, or add watch.${key} to ${service} in ${environment} in the operator’s file.`,
  })

/** What is there without the right to change it is only looked at. */
export const onlyLookedAt = (kind: 'databases' | 'caches', name: string): ShipmateError =>
  refused('only-looked-at', `${name} is only looked at: Shipmate has no right to change anything there`, {
    wanted: `${kind}.${name}.operator, a reference to an address with a role that may act`,
    came: 'none in the operator’s file',
    next: `Do it by hand, or add ${kind}.${name}.operator to the operator’s file.`,
  })
