import { z } from 'zod'
import { failed } from '../errors.js'
import type { Covers, OutsideSilences } from '../incidents/alerts/ports.js'
import type { Log } from '../log.js'
import { createHttp } from './http.js'

export type AlertmanagerOptions = {
  /** Its address, such as `http://10.0.0.5:9093`, with its route prefix if it has one. */
  api: string
  /** For a proxy in front of it; Alertmanager itself asks for none. */
  token?: string
  /** What a service and an environment are called in its labels. */
  labels: { service: string; environment: string }
  log: Log
}

const silence = z.object({ id: z.string(), comment: z.string(), status: z.object({ state: z.string() }) })
const silences = z.array(silence)
const created = z.object({ silenceID: z.string() })

/**
 * Silences through Alertmanager's API v2. It keeps no key of ours, so the key stands in the comment, and what is there is
 * looked up before one is made or taken away: twice is once, also after a crash between the two.
 */
export function createAlertmanager({ api, token, labels, log }: AlertmanagerOptions): OutsideSilences {
  const { origin, host, pathname } = new URL(api)
  const http = createHttp({
    name: 'Alertmanager',
    baseUrl: origin,
    allowedHosts: [host],
    timeoutMs: 5_000,
    maxBytes: 16 * 1024 * 1024,
    log,
    ...(token === undefined ? {} : { token }),
  })
  const base = `${pathname.replace(/\/$/, '')}/api/v2`
  const mark = (key: string) => `[shipmate ${key}]`
  const standing = async (key: string) => {
    const found = await http.get(`${base}/silences`, silences)
    return found.filter(({ comment, status }) => comment.endsWith(mark(key)) && status.state !== 'expired')
  }
  return {
    async make({ key, covers, by, reason, startsAt, endsAt }) {
      const [there] = await standing(key)
      if (there) return there.id
      const matchers = matchersOf(covers, labels).map(([name, value]) => ({
        name,
        value,
        isRegex: false,
        isEqual: true,
      }))
      if (matchers.length === 0)
        throw failed('silence-too-wide', 'A silence of everything was not made.', {
          wanted: 'an alert with at least one label',
          came: 'one without',
          next: 'Silence it where it comes from.',
        })
      // Alertmanager answers {code:602} to a silence without a comment.
      const body = { matchers, startsAt, endsAt, createdBy: `${by.name} (Shipmate)`, comment: `${reason} ${mark(key)}` }
      return (await http.post(`${base}/silences`, body, created)).silenceID
    },
    async remove(key) {
      for (const { id } of await standing(key))
        await http.delete(`${base}/silence/${encodeURIComponent(id)}`, {}, z.unknown())
    },
  }
}

function matchersOf(covers: Covers, labels: { service: string; environment: string }): [string, string][] {
  if (covers.kind === 'alert') return Object.entries(covers.labels).filter(([, value]) => value !== '')
  return [
    [labels.service, covers.service],
    [labels.environment, covers.environment],
  ]
}
