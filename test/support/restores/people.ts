import { z } from 'zod'
import { defineCheck } from '../../../src/runs/abilities.js'

/** Visitors of hosts that are in memory get an answer, or errors. */
export const visitors = (get: () => 'answers' | 'errors' = () => 'answers') =>
  defineCheck({
    name: 'http.probe',
    input: z.unknown(),
    run: async () =>
      get() === 'answers'
        ? { outcome: 'pass', summary: 'visitors get an answer' }
        : { outcome: 'fail', summary: 'visitors get errors', final: true },
  })

/** One other person signs off a restore. */
export const secondPerson = (text: string) =>
  text.replace(
    '      deploy:\n        quorum: 1\n',
    '      restore:\n        quorum: 1\n        groups: [release-managers]\n        requester: excluded\n        expires: 1h\n      deploy:\n        quorum: 1\n',
  )
