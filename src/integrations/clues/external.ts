import { type Clue, notLooked } from '../../incidents/clues.js'
import { watchAt } from '../watched/parts.js'
import { asked, type ClueParts, clueAt, together } from './asking.js'

/** Vendors who say that they are not well. */
export const externalClue = (parts: ClueParts): Clue =>
  clueAt('external services', async (at, _scene, signal) => {
    const vendors = watchAt(parts, at)?.externals ?? []
    if (vendors.length === 0) return notLooked('not set up: no externals in the operator’s file')
    const looked = await Promise.all(
      vendors.map(async ({ name }) => {
        return { name, found: await asked(parts, 'external.status', { ...at, vendor: name }, signal) }
      }),
    )
    const suspects = looked.flatMap(({ name, found: { outcome, summary, details } }) => {
      if (outcome !== 'fail' && outcome !== 'warn') return []
      const since = typeof details?.since === 'string' ? new Date(details.since) : null
      const evidence = typeof details?.link === 'string' ? [details.link] : []
      const score = outcome === 'fail' ? 0.75 : 0.45
      return [
        {
          key: `vendor:${name}`,
          kind: 'external service' as const,
          text: summary,
          evidence,
          score,
          at: since,
          run: null,
        },
      ]
    })
    return together(
      looked.map(({ found }) => found),
      { suspects, impact: null },
    )
  })
