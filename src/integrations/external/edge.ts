import { z } from 'zod'
import { type Action, defineAction } from '../../runs/abilities.js'
import { createHttp } from '../http.js'
import { at } from '../watched/inputs.js'
import { cannotAct, type WatchedParts, type Watching, watchAt } from '../watched/parts.js'

const levels = ['off', 'essentially_off', 'low', 'medium', 'high', 'under_attack'] as const
const input = z.object({ ...at, level: z.enum(levels).default('under_attack') })
const answer = z.object({ success: z.literal(true), result: z.object({ value: z.string() }) })

/** Has the edge look at visitors harder before they reach the service. */
export const createEdge = (parts: WatchedParts): Watching => ({ checks: [], actions: [shieldAction(parts)] })

const shieldAction = (parts: WatchedParts): Action =>
  defineAction<z.infer<typeof input>>({
    name: 'edge.shield',
    input,
    // Setting a level to what it is already changes nothing, and what it is can be looked at.
    fence: 'none',
    async run({ level, ...given }, { signal }) {
      const edge = watchAt(parts, given)?.edge
      if (!edge) throw cannotAct(given, 'edge')
      const token = await parts.secret(edge.token)
      const { host } = new URL(edge.api)
      const http = createHttp({ name: 'Cloudflare', baseUrl: edge.api, token, allowedHosts: [host], log: parts.log })
      const path = `/zones/${encodeURIComponent(edge.zone)}/settings/security_level`
      const before = (await http.get(path, answer, { signal })).result.value
      if (before !== level) await http.patch(path, { value: level }, answer, { signal })
      const words = before === level ? `was at ${level} already` : `went from ${before} to ${level}`
      return {
        evidence: {
          summary: `Cloudflare’s security level ${words}`,
          next: `Programs that call the service may be stopped too. Afterwards set the level back to ${before}.`,
        },
        output: { before },
      }
    },
  })
