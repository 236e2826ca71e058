import { describe } from 'vitest'
import { mainJob } from './main-job.js'

describe('the main job, with its queue on PostgreSQL', () => mainJob('PostgreSQL'))
