import type { Clue } from '../../incidents/clues.js'
import type { ClueParts } from './asking.js'
import { checksClue } from './checks.js'
import { databaseClue } from './database.js'
import { errorsClue } from './errors.js'
import { externalClue } from './external.js'
import { metricsClue } from './metrics.js'
import { peopleClue } from './people.js'

/** Where the causes of an incident are looked for outside of Shipmate; each look takes less than four seconds. */
export const createClues = (parts: ClueParts): Clue[] => [
  metricsClue(parts),
  peopleClue(parts),
  databaseClue(parts),
  externalClue(parts),
  errorsClue(parts),
  checksClue(parts),
]
