import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { command, post } from '../slack/front-door/doorway.js'
import { commandKey } from './history.js'

export type Traffic = {
  /** Names of what was answered with 200, in the order of the answers. */
  acknowledged: string[]
  /** How many got another answer, or none. */
  refused: { [answer: string]: number }
  stop(): Promise<void>
}

export const newTrigger = (): string => `1.2.${randomBytes(8).toString('hex')}`

/** Signed commands to one of these fronts after the other, so many a second whatever the answers do. */
export function signedCommands(fronts: () => string[], perSecond: number): Traffic {
  const acknowledged: string[] = []
  const refused: { [answer: string]: number } = {}
  const underWay = new Set<Promise<void>>()
  let stopped = false

  async function send(url: string): Promise<void> {
    const trigger = newTrigger()
    const { status, text } = await post(url, command({ trigger_id: trigger })).catch(() => ({ status: 0, text: '' }))
    const answer = status === 200 && text !== '' ? 'told that nothing was taken' : String(status)
    if (answer === '200') acknowledged.push(commandKey(trigger))
    else refused[answer] = (refused[answer] ?? 0) + 1
  }

  async function sending(): Promise<void> {
    const began = performance.now()
    for (let sent = 0; !stopped; ) {
      const due = ((performance.now() - began) / 1000) * perSecond
      const urls = fronts()
      for (; sent < due; sent++) {
        const one = send(urls[sent % urls.length] ?? '').finally(() => underWay.delete(one))
        underWay.add(one)
      }
      await pause(5)
    }
  }

  const running = sending()
  return {
    acknowledged,
    refused,
    stop: async () => {
      stopped = true
      await running
      await Promise.all(underWay)
    },
  }
}
