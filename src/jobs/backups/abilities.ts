import type { Action, Check } from '../../runs/abilities.js'
import { backupActions } from './actions.js'
import { askingActions } from './asking.js'
import { backupChecks } from './checks.js'
import { drillActions, drillChecks } from './drilling.js'
import type { BackupParts } from './parts.js'

/** What plans about backups may name. */
export const backupAbilities = (parts: BackupParts): { checks: Check[]; actions: Action[] } => ({
  checks: [...backupChecks(parts), ...drillChecks(parts)],
  actions: [...backupActions(parts), ...drillActions(parts), ...askingActions(parts)],
})
