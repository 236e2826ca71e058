import { z } from 'zod'
import { asShipmateError } from '../../errors.js'
import type { Covers, Silence } from '../../incidents/alerts/ports.js'
import { type Action, defineAction } from '../../runs/abilities.js'
import type { DoStep } from '../../runs/step.js'
import type { AlertParts } from './parts.js'

type SilenceParts = Pick<AlertParts, 'silences' | 'outside' | 'rules' | 'clock' | 'log'>

/**
 * Makes outside what was written here and takes away what is over: silences whose time has come, that somebody ended, and
 * those of runs that have ended, however they ended. Called by the keeper, and after each act. Never rejects.
 */
export async function tendSilences({
  silences,
  outside,
  clock,
  log,
}: SilenceParts): Promise<{ made: number; ended: number }> {
  const now = clock.now()
  const counts = { made: 0, ended: 0 }
  const tried = async (silence: Silence, act: () => Promise<void>) => {
    try {
      await act()
      return 1
    } catch (thrown) {
      const { message } = asShipmateError(thrown)
      const retryAt = new Date(now.getTime() + Math.min(60_000, 1_000 * 2 ** Math.min(silence.tries, 6)))
      log.warn(
        { silence: silence.id, err: thrown },
        'a silence in Alertmanager could not be changed; it is tried again',
      )
      await silences.change(silence.id, { retryAt, error: message.slice(0, 500) })
      return 0
    }
  }
  for (const silence of await silences.silencesToEnd(now)) {
    counts.ended += await tried(silence, async () => {
      const stands = outside !== null && silence.outside !== 'none' && silence.outside !== 'gone'
      // Ended here first: Shipmate is quiet no longer, whatever Alertmanager answers.
      if (silence.endedAt === null) await silences.change(silence.id, { endedAt: now })
      if (stands) await outside.remove(silence.key)
      await silences.change(silence.id, { outside: silence.outside === 'none' ? 'none' : 'gone', endedAt: now })
    })
  }
  if (outside === null) return counts
  for (const silence of await silences.silencesToMake(now)) {
    counts.made += await tried(silence, async () => {
      const outsideId = await outside.make(silence)
      await silences.change(silence.id, { outside: 'made', outsideId })
    })
  }
  return counts
}

const place = z.object({ service: z.string().min(1), environment: z.string().min(1) })
const silenceInput = place.extend({ minutes: z.number().int().min(1).max(1_440).optional() })

/**
 * `alerts.silence {service, environment, minutes?}` and its undo `alerts.unsilence`. The row names its run: on whatever
 * path the run ends, also when its worker is killed, the next look takes the silence away.
 */
export function silenceActions(parts: SilenceParts): Action[] {
  const { silences, outside, rules, clock } = parts
  const keyOf = (run: number, { service, environment }: z.output<typeof place>) =>
    `run:${run}:${service}/${environment}`
  return [
    defineAction<z.output<typeof silenceInput>>({
      name: 'alerts.silence',
      input: silenceInput,
      fence: 'key',
      async run({ service, environment, minutes }, { run }) {
        const now = clock.now()
        const key = keyOf(run, { service, environment })
        const length = Math.min(minutes === undefined ? rules.silence.longest : minutes * 60_000, rules.silence.longest)
        const made = await silences.make({
          ...{ key, run, startsAt: now, endsAt: new Date(now.getTime() + length) },
          covers: { kind: 'place', service, environment },
          by: { kind: 'machine', id: 'shipmate', name: 'Shipmate' },
          reason: `run #${run} changes ${service} in ${environment}`,
          outside: outside === null ? 'none' : 'wanted',
        })
        await tendSilences(parts)
        return {
          evidence: {
            summary: `alerts of ${service} in ${environment} are quiet until the run ends, at most until ${made.endsAt.toISOString().slice(11, 16)} UTC`,
          },
          output: { silence: made.id },
        }
      },
    }),
    defineAction<z.output<typeof place>>({
      name: 'alerts.unsilence',
      input: place,
      fence: 'key',
      async run({ service, environment }, { run }) {
        await silences.end({ key: keyOf(run, { service, environment }) }, clock.now())
        await tendSilences(parts)
        return { evidence: { summary: `alerts of ${service} in ${environment} are told again` } }
      },
    }),
  ]
}

/** The steps around a change of a place: the first goes before its first `do`, the second after its verdict. Pure. */
export function silenceSteps(service: string, environment: string): { before: DoStep; after: DoStep } {
  const where = { service, environment }
  const quiet = { verb: 'do' as const, timeout: 20_000, retries: 2, onFailure: 'warn' as const, with: where }
  const title = 'tell alerts again'
  return {
    before: {
      ...quiet,
      ...{ key: 'silence', title: 'silence its alerts', action: 'alerts.silence' },
      undo: { title, action: 'alerts.unsilence', with: where, timeout: 20_000 },
    },
    after: { ...quiet, key: 'unsilence', title, action: 'alerts.unsilence' },
  }
}

export const coversAlert = (alert: {
  source: string
  fingerprint: string
  labels: { [name: string]: string }
}): Covers => ({
  kind: 'alert',
  source: alert.source,
  fingerprint: alert.fingerprint,
  labels: alert.labels,
})
