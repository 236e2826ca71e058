import { setTimeout as pause } from 'node:timers/promises'
import type { Delivery, MessagePage } from '../../playground/workspace/protocol.js'
import { createPerson, wordsOf } from '../support/person.js'
import { type Acknowledged, command, commandKey } from './history.js'
import { type Storm, version } from './storm.js'

/** People who ask for deploys. Each asks once, so that what one of them is told belongs to one command. */
export type Requesters = {
  /** A new person asks for a deploy of that environment; resolves when Slack has its acknowledgement or gave up. */
  ask(environment: string): Promise<void>
  /** Asks for a deploy of one environment after the other, until `stop`. */
  keepAsking(everyMs: number): { stop(): Promise<void> }
  /** What Shipmate said it has, and by what it says to the people it did not take. */
  acknowledged(): Promise<Acknowledged[]>
  counts(): Promise<{ asked: number; acknowledged: number; refused: number }>
}

const notTaken = /This command was not taken/
const refused = /cannot reach its database|cannot check who you are|cannot be asked|not taken|Try again|ask again/i

export function createRequesters(storm: Storm): Requesters {
  let hiredSoFar = 0

  async function ask(environment: string): Promise<void> {
    const hired = await storm.control.hire({ name: `asker-${hiredSoFar++}` })
    const person = createPerson(storm.workspaceUrl, hired.id)
    await person.join('C0RELEASES')
    await person.send('C0RELEASES', `/deploy ${environment} ${version}`)
  }

  function keepAsking(everyMs: number) {
    let stopped = false
    const running = (async () => {
      const underWay: Promise<void>[] = []
      for (let number = 0; !stopped; number++) {
        const asked = ask(storm.environments[number % storm.environments.length] ?? '')
        // Told by `stop`, which waits for all of them.
        asked.catch(() => {})
        underWay.push(asked)
        await pause(everyMs)
      }
      await Promise.all(underWay)
    })()
    return {
      stop: async () => {
        stopped = true
        await running
      },
    }
  }

  /** What the person of that delivery was told, in words only they see. */
  async function toldTo(user: string): Promise<string> {
    const all = `/as/${user}/channels/C0RELEASES/messages?limit=100000`
    const { messages } = await storm.control.get<MessagePage>(all)
    const own = messages.filter(({ ephemeral }) => ephemeral)
    return own.map(wordsOf).join('\n')
  }

  async function judged({ payload, outcome }: Delivery): Promise<Acknowledged | null> {
    const { user_id, trigger_id } = payload as { user_id: string; trigger_id: string }
    if (outcome !== 'acked') return null
    const told = await toldTo(user_id)
    if (notTaken.test(told)) return null
    return refused.test(told) ? { key: commandKey(trigger_id), request: null } : { ...command(trigger_id), told }
  }

  const all = async () => Promise.all((await storm.control.deliveries('slash_commands')).map(judged))

  return {
    ask,
    keepAsking,
    acknowledged: async () => (await all()).filter((one) => one !== null),
    counts: async () => {
      const judgements = await all()
      const taken = judgements.filter((one) => one !== null)
      const refusals = taken.filter(({ request }) => request === null)
      return { asked: hiredSoFar, acknowledged: taken.length, refused: refusals.length }
    },
  }
}
