import { backup } from './backup.js'
import type { Command } from './command.js'
import { deploy } from './deploy.js'
import { incident } from './incident.js'
import { ops } from './ops.js'
import { restore } from './restore.js'
import { rollback } from './rollback.js'
import { scale } from './scale.js'

/** Every command, in the order help shows them. */
export const commands: Command[] = [deploy, rollback, scale, backup, restore, incident, ops]
