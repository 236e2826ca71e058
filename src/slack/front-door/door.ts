import type { Clock } from '../../clock.js'
import { asShipmateError } from '../../errors.js'
import type { Log } from '../../log.js'
import type { Acceptance, Inbox } from '../../runs/inbox.js'
import { type Answers, answerFrom, endsTheMatter } from './answers.js'
import { type Arrival, isAnswered, isRedelivered } from './arrival.js'
import { createBag, type Placed } from './bag.js'
import { createGroupCommit } from './group-commit.js'
import { createHandingOn, type Listening } from './handing-on.js'
import { createPickUp } from './pick-up.js'
import { slackWaits, type Verdict } from './verdict.js'

export type FrontDoorParts = {
  inbox: Inbox
  answers?: Answers
  /** The slash commands there are, with their slash and without a prefix; any other is answered at once. Null: all go to the listeners. */
  commands: string[] | null
  /** Where a response_url may lead besides Slack: the origin of a local workspace. */
  responseOrigins: string[]
  clock: Clock
  log: Log
}

export type FrontDoor = {
  /** Who gets what was committed; until then it waits. */
  init(listening: Listening): void
  /** Commits what arrived, then says what to tell Slack; the listeners get it after that. Never rejects. */
  admit(arrival: Arrival): Promise<Verdict>
  /** Begins to pick up what other processes left lying. */
  start(): void
  /** Waits for what is in hand, up to `patience` ms; what is not done by then is picked up by whoever is next. */
  stop(patience?: number): Promise<void>
}

const pauseBeforeAgain = 50

// Slack itself would only say that the command failed; whoever typed it should know that nothing was taken, and why.
const notTaken = `Shipmate cannot reach its database.
This command was not taken. What was accepted before goes on when it is back. Then ask again.`

/**
 * Accept, acknowledge, handle: nothing that Slack was told is accepted can be lost, since it is committed first; nothing
 * is handed on twice by a redelivery, since it finds its row.
 */
export function createFrontDoor(parts: FrontDoorParts): FrontDoor {
  const { inbox, clock, log, answers = {} } = parts
  let isListening = false
  let listens: (listening: Listening) => void = () => {}
  const listening = new Promise<Listening>((resolve) => {
    listens = resolve
  })
  const handing = createHandingOn({ ...parts, listening })
  const admitting = createBag<Placed & { key: string }>()
  const commit = createGroupCommit<Arrival, Acceptance>({
    write: (arrivals) => inbox.accept(arrivals.map(({ parcel }) => parcel)),
    late: (arrival, acceptance) => acceptance.fresh && tooLate(arrival),
    lanes: 2,
    most: 500,
  })
  const pickUp = createPickUp({
    inbox,
    handing,
    isAdmitting: (parcel) => admitting.items().some(({ key }) => parcel.key === key),
    clock,
    log,
  })

  async function admit(arrival: Arrival): Promise<Verdict> {
    const { parcel } = arrival
    const unknown = unknownCommand(arrival, parts.commands)
    if (unknown) return { accepted: true, says: unknown }
    const visit = { place: 0, key: parcel.key }
    admitting.put(visit)
    try {
      if (isAnswered(parcel.kind)) parcel.answer = await answerFrom(answers, arrival)
      const acceptance = await accepted(arrival)
      if (!acceptance) return parcel.kind === 'command' ? { accepted: true, says: notTaken } : { accepted: false }
      if (!acceptance.fresh) return { accepted: true, says: acceptance.answer?.says ?? null }
      if (endsTheMatter(parcel)) handing.close(parcel, 'answered')
      else handing.hand(arrival)
      return { accepted: true, says: parcel.answer?.says ?? null }
    } catch (thrown) {
      log.error({ err: thrown, kind: parcel.kind }, 'something from Slack was not accepted')
      return { accepted: false }
    } finally {
      admitting.take(visit)
    }
  }

  /** Null when it could not be committed in time. */
  async function accepted(arrival: Arrival): Promise<Acceptance | null> {
    const left = () => arrival.parcel.receivedAt.getTime() + slackWaits - clock.now().getTime()
    for (let patience = left(); patience > 0; patience = left()) {
      try {
        const acceptance = await commit(arrival, Math.min(patience, slackWaits))
        return acceptance === 'too late' ? null : acceptance
      } catch (thrown) {
        if (!asShipmateError(thrown).transient) throw thrown
        await clock.sleep(pauseBeforeAgain)
      }
    }
    return null
  }

  /** Committed after Slack was told no. It sends events again; of all else people were told that it failed. */
  function tooLate(arrival: Arrival): void {
    if (isRedelivered(arrival.parcel.kind)) handing.hand(arrival)
    else handing.close(arrival.parcel, 'not acknowledged in time')
  }

  return {
    init: (given) => {
      isListening = true
      listens(given)
    },
    admit,
    // What was left lying is taken up when somebody listens, or each start that fails would count as one more try.
    start: () => void listening.then(pickUp.start),
    stop: async (patience = 10_000) => {
      // What waits for somebody to listen would wait for ever.
      const work = Promise.all([pickUp.stop(), handing.settled()])
      await Promise.race([work, clock.sleep(isListening ? patience : 0)])
      const left = handing.underWay()
      if (left > 0) log.warn({ parcels: left }, 'stopping with parcels in hand; they are picked up by whoever is next')
    },
  }
}

function unknownCommand({ parcel, payload }: Arrival, commands: string[] | null): string | null {
  if (parcel.kind !== 'command' || !commands || commands.some((name) => isCalled(String(payload.command), name)))
    return null
  const given = String(payload.command)
    .replace(/[^\w/-]/g, '')
    .slice(0, 40)
  return `Shipmate has no command ${given}. It has ${commands.join(', ')}; \`${commands.find((name) => name.endsWith('ops')) ?? commands[0]} help\` explains them.`
}

/** `/acme-deploy` is `/deploy` where an installation has the prefix `acme`. */
const isCalled = (said: string, name: string): boolean => said === name || said.endsWith(`-${name.slice(1)}`)
