import type { Clock } from '../clock.js'
import type { ResponseUrlRow } from '../state/rows.js'
import type { State } from '../state/state.js'

/** Response urls: each takes five messages within half an hour. */
export type ResponseUrls = {
  create(about: Pick<ResponseUrlRow, 'channel' | 'user' | 'message_ts' | 'thread_ts'>): string
  /** Uses it once, or says why it cannot be used. */
  spend(id: string): ResponseUrlRow | 'invalid_url' | 'expired_url' | 'used_url'
}

const LIFE_MS = 30 * 60_000
const USES = 5

export const RESPONSE_PATH = '/respond/'

export function createResponseUrls(state: State, clock: Clock, url: () => string): ResponseUrls {
  const table = state.responseUrls
  const forgetExpired = () => {
    // Kept twice as long as they live, so that a late use is told that it is late.
    for (const row of table.all()) if (clock.now() - row.expires_ms > LIFE_MS) table.delete(row.id)
  }
  return {
    create(about) {
      forgetExpired()
      const { id } = table.put({
        ...about,
        id: state.ids.secret(),
        expires_ms: clock.now() + LIFE_MS,
        uses_left: USES,
      })
      return `${url()}${RESPONSE_PATH}${id}`
    },
    spend(id) {
      const row = table.get(id)
      if (!row) return 'invalid_url'
      if (clock.now() > row.expires_ms) return 'expired_url'
      if (row.uses_left === 0) return 'used_url'
      return table.put({ ...row, uses_left: row.uses_left - 1 })
    },
  }
}
