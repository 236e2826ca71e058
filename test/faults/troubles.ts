import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from './random.js'
import type { Ship, Storm } from './storm.js'

/** Something that goes wrong, and is over when it resolves; its choices come from the seed alone. */
export type Trouble = (storm: Storm, random: Random) => Promise<void>

const tenMinutes = 600_000

export const troubles: { [name: string]: Trouble } = {
  'kill a process': async (storm, random) => {
    const ship = random.one(storm.ships)
    const away = random.between(0, 1_000)
    await ship.process.kill()
    await pause(away)
    await revive(ship)
  },
  'freeze a process': async (storm, random) => {
    const { process } = random.one(storm.ships)
    process.signal('SIGSTOP')
    await pause(random.between(300, 3_000))
    process.signal('SIGCONT')
  },
  'set a clock': async (storm, random) => {
    const ship = random.one(storm.ships)
    ship.clockOffMs = random.one([-tenMinutes, 0, tenMinutes])
    ship.process.shiftClock(ship.clockOffMs)
  },
  'kill PostgreSQL': async ({ postgres }, random) => {
    await postgres.kill()
    await pause(random.between(0, 1_500))
    await postgres.start()
  },
  'cut the wire to PostgreSQL': async ({ wire }) => wire.cut(),
  'silence the wire to PostgreSQL': async ({ wire }, random) => {
    wire.stall()
    await pause(random.between(500, 3_000))
    if (random.between(0, 2) < 1) wire.cut()
    wire.resume()
  },
  'slow the wire to PostgreSQL': async ({ wire }, random) => {
    wire.delay(random.between(5, 60))
    await pause(random.between(500, 2_000))
    wire.delay(0)
  },
  'kill Redis': async ({ redis }, random) => {
    await redis?.kill()
    await pause(random.between(0, 1_500))
    await redis?.restartEmpty()
  },
  'flush Redis': async ({ redis }) => redis?.flush(),
  'a storm of 429s': ({ control }, random) =>
    control.fault({ kind: '429', method: random.one(spoken), times: 8, retry_after_s: 2 }),
  'errors of Slack': ({ control }, random) => control.fault({ kind: '5xx', method: random.one(spoken), times: 5 }),
  'answers of Slack lost': ({ control }, random) =>
    control.fault({ kind: 'drop', method: random.one(spoken), times: 3 }),
  'Slack drops its sockets': async ({ control }, random) =>
    void (await control.sockets(random.one(['drop', 'refresh_requested', 'warning']))),
}

const spoken = ['chat.update', 'chat.postMessage', 'users.info']

/** A start needs its database and its queue; in a storm they may be away, as after a power cut. */
async function revive(ship: Ship): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await ship.start()
    } catch (thrown) {
      if (tries === 20) throw thrown
      await pause(500)
    }
  }
}

/** The storm is over: nothing is away any more, and every clock shows the latest time that any of them ever showed. */
export async function calm({ ships, wire, control, floor }: Storm): Promise<void> {
  wire.delay(0)
  wire.resume()
  floor.failOneOf(0)
  await control.clearFaults()
  for (const ship of ships) {
    ship.clockOffMs = tenMinutes
    ship.process.signal('SIGCONT')
    ship.process.shiftClock(tenMinutes)
    if (!ship.process.running()) await revive(ship)
  }
}
