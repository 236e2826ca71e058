import type { Log } from '../../log.js'
import type { NotTold } from '../web.js'
import { adviceOn, meaningOf } from './refusals.js'

/** What keeps messages from people, and how long to wait before the next try. Times in epoch milliseconds. */
export type Trouble = {
  /** Slack did not answer, or does not accept the token: everybody waits, ever longer. */
  met(answer: NotTold, channel: string, now: number): void
  /** A call went through. */
  over(channel: string): void
  pausedFor(now: number): number
  lines(): string[]
}

const longestPause = 30_000

export function createTrouble(log: Log): Trouble {
  let [failures, until] = [0, 0]
  let general: string | null = null
  const places = new Map<string, string>()

  /** Said once in the log, not at every try. */
  function say(before: string | null | undefined, line: string): void {
    if (before !== line) log.error({ problem: line }, 'messages do not reach Slack')
  }

  return {
    met(answer, channel, now) {
      const line = lineOf(answer, channel)
      if (line === null) return
      if (answer.why === 'refused' && meaningOf(answer.error) !== 'token') {
        say(places.get(channel), line)
        places.set(channel, line)
        return
      }
      say(general, line)
      general = line
      until = now + Math.min(longestPause, 1_000 * 2 ** failures)
      failures += 1
    },
    over(channel) {
      if (general) log.info({}, 'Slack answers again')
      ;[failures, until, general] = [0, 0, null]
      places.delete(channel)
    },
    pausedFor: (now) => Math.max(0, until - now),
    lines: () => [...(general ? [general] : []), ...places.values()],
  }
}

function lineOf(answer: NotTold, channel: string): string | null {
  if (answer.why === 'limited') return null
  if (answer.why === 'unreachable')
    return `Slack does not answer (${answer.text}). Runs go on; cards are drawn when it is back.`
  return adviceOn(answer.error, channel)
}
