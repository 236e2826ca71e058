import { describe } from 'vitest'
import { requirePart } from '../support/parts.js'
import { mainJob } from './main-job.js'

const redis = requirePart('redis')

describe.skipIf(!redis)('the main job, with its queue on Redis', () => mainJob('Redis'))
