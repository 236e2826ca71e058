import { resolve } from 'node:path'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { openDoor } from './app/door.js'
import type { FrontParts } from './app/front.js'
import type { AppParts, Closing, Ground } from './app/parts.js'
import type { Engine } from './runs/engine.js'
import { openStore } from './store/connect.js'

export type { AppParts } from './app/parts.js'

export type App = {
  /** Where the terminal and programs reach it. */
  url: string
  engine: Engine | null
  problems(): string[]
  /** Lets go in order: nothing new is taken in, what is carried parks or ends, what is to be told stays in its rows. */
  stop(): Promise<void>
}

/**
 * Joins all parts and starts them. The door is opened first: libraries that take their time are loaded behind it, one
 * after the other, so that what comes meanwhile is committed and acknowledged.
 */
export async function startApp(parts: AppParts): Promise<App> {
  const opened: Closing[] = []
  // What was opened last leans on what was opened before it.
  const stop = async () => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    return { ...(await join(parts, opened)), stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

async function join(parts: AppParts, opened: Closing[]): Promise<Omit<App, 'stop'>> {
  const { config, clock, log } = parts
  const front = config.role !== 'worker'
  const databaseUrl = config.databaseUrl ?? (await embedded(parts, opened))
  const store = await openStore({ ownerUrl: databaseUrl, log, clock, front })
  opened.push(store.close)
  const door = front ? await openDoor(parts, store.inbox) : null
  if (door) {
    opened.push(door.inlet.stop)
    if (!config.slack.appToken) await door.inlet.start()
    await clock.sleep(knocking)
  }
  const { openQueue } = await import('./queue/queue.js')
  const queue = await openQueue({ redisUrl: config.redisUrl, databaseUrl, log, clock })
  opened.push(queue.close)
  const { createWorld } = await import('./app/world.js')
  const ground = { store, queue, world: createWorld(parts, store) }
  const worker = config.role === 'front' ? null : await startedWorker(parts, ground, opened)
  const { startDeadMan } = await import('./app/dead-man.js')
  const deadMan = await startDeadMan(parts, store, opened)
  const faces = front ? await startedFront({ ...parts, door, deadMan }, ground, opened) : null
  return { url: faces?.url ?? '', engine: worker?.engine ?? null, problems: () => faces?.problems() ?? [] }
}

/** Milliseconds in which what waited before the door is let in, before libraries take the whole thread. */
const knocking = 30

async function embedded({ config, log }: AppParts, opened: Closing[]): Promise<string> {
  const { startEmbeddedPostgres } = await import('./store/embedded.js')
  const database = await startEmbeddedPostgres({ dir: resolve(config.dir, 'postgres'), log })
  opened.push(database.stop)
  return database.url
}

async function startedWorker(parts: AppParts, ground: Ground, opened: Closing[]) {
  const { startWorker } = await import('./app/worker.js')
  const worker = startWorker(parts, ground)
  opened.push(worker.stop)
  const { startKeeper } = await import('./app/incidents/keeper.js')
  await startKeeper(parts, ground, opened)
  await ground.store.standBy()
  return worker
}

async function startedFront(parts: FrontParts, ground: Ground, opened: Closing[]) {
  await turnOfTheLoop()
  const { startFront } = await import('./app/front.js')
  return startFront(parts, ground, opened)
}
