import type { Action, Check } from '../../runs/abilities.js'
import { backupActions } from './actions.js'
import { askingActions } from './asking.js'
import { backupChecks } from './checks.js'
import { drillActions, drillChecks } from './drilling.js'
import { tableActions, tableChecks } from './restoring/merging.js'
import type { RestoreParts } from './restoring/parts.js'
import { scratchActions, scratchChecks } from './restoring/scratch.js'
import { swapActions, swapChecks } from './restoring/swapping.js'

/** What plans about backups may name. */
export const backupAbilities = (parts: RestoreParts): { checks: Check[]; actions: Action[] } => ({
  checks: [
    ...backupChecks(parts),
    ...drillChecks(parts),
    ...scratchChecks(parts),
    ...swapChecks(parts),
    ...tableChecks(parts),
  ],
  actions: [
    ...backupActions(parts),
    ...drillActions(parts),
    ...askingActions(parts),
    ...scratchActions(parts),
    ...swapActions(parts),
    ...tableActions(parts),
  ],
})
