import { z } from 'zod'
import type { AlertRecord } from '../../incidents/alert.js'
import type { AlertDesk } from '../../incidents/ports.js'
import { shownDuration } from '../../releases/durations.js'
import { type Check, defineCheck } from '../../runs/abilities.js'

const input = z.object({ service: z.string().min(1), environment: z.string().min(1) })

/** `alerts.quiet {service, environment}`: no alert fires for the place. A silenced one fires all the same, and warns. */
export function quietCheck(alerts: Pick<AlertDesk, 'list'>, setUp: () => boolean): Check {
  return defineCheck<z.output<typeof input>>({
    name: 'alerts.quiet',
    input,
    async run({ service, environment }, { clock }) {
      if (!setUp())
        return {
          outcome: 'skip',
          summary: 'no sender of alerts is set up',
          next: 'Name one under alerts.sources in the operator’s file.',
        }
      const now = clock.now()
      const firing = (await alerts.list({ firing: true, limit: 1_000 })).filter(
        (alert) => alert.service === service && alert.environment === environment,
      )
      const silenced = firing.filter(({ silencedUntil }) => silencedUntil !== null && silencedUntil > now)
      if (firing.length === 0)
        return { outcome: 'pass', summary: `no alert fires for ${service} in ${environment}`, value: '0' }
      const loud = firing.filter((alert) => !silenced.includes(alert))
      const shown = (loud.length > 0 ? loud : silenced).slice(0, 5).map((alert) => line(alert, now))
      return {
        outcome: loud.length > 0 ? 'fail' : 'warn',
        summary: loud.length > 0 ? shown.join('; ') : `silenced, and firing still: ${shown.join('; ')}`,
        value: String(firing.length),
        limit: '0',
        details: { alerts: firing.map(({ id }) => id).slice(0, 50) },
      }
    },
  })
}

const line = ({ title, startedAt }: AlertRecord, now: Date): string =>
  `${title.slice(0, 80)} for ${shownDuration(now.getTime() - startedAt.getTime())}`
