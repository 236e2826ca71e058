import { resolve } from 'node:path'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { FrontParts } from './app/front.js'
import type { AppParts, Closing, Ground, StartParts } from './app/parts.js'
import type { Engine } from './runs/engine.js'

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
export async function startApp(parts: StartParts): Promise<App> {
  const opened: Closing[] = []
  let drain: Closing = async () => {}
  // What was opened last leans on what was opened before it; steps land from the first moment on, whatever takes its time to close.
  const stop = async () => {
    const landed = drain()
    // Told by the last line; until then it is nobody's.
    landed.catch(() => {})
    for (const close of opened.splice(0).reverse()) await close()
    await landed
  }
  try {
    const { draining, ...app } = await join(parts, opened)
    drain = draining
    return { ...app, stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

type Joined = Omit<App, 'stop'> & { draining: Closing }

async function join(start: StartParts, opened: Closing[]): Promise<Joined> {
  const { config, clock, log } = start
  const front = config.role !== 'worker'
  const botToken = front ? config.slack.botToken : null
  // No database is made for an operator's file with mistakes; one that is there takes in what comes meanwhile.
  const read = async () => {
    const catalogue = await start.catalogue()
    const { requireRoutineGuides } = await import('./app/routine-guides.js')
    await requireRoutineGuides(catalogue)
    return catalogue
  }
  const known = botToken && config.databaseUrl ? null : await read()
  const databaseUrl = config.databaseUrl ?? (await embedded(start, opened))
  const entrance = botToken ? await openedDoor(start, botToken, databaseUrl, opened) : null
  const parts = { ...start, catalogue: known ?? (await read()) }
  const { openStore } = await import('./store/connect.js')
  const store = await openStore({ ownerUrl: databaseUrl, log, clock, ...(entrance && { inbox: entrance.inbox }) })
  if (entrance) entrance.closeBehind(store.close)
  else opened.push(store.close)
  const { openQueue } = await import('./queue/queue.js')
  const queue = await openQueue({ redisUrl: config.redisUrl, databaseUrl, log, clock })
  opened.push(queue.close)
  const { createWorld } = await import('./app/world.js')
  const ground = { store, queue, world: createWorld({ ...parts, own: databaseUrl }, store) }
  const worker = config.role === 'front' ? null : await startedWorker(parts, ground, opened)
  const { startDeadMan } = await import('./app/dead-man.js')
  const deadMan = await startDeadMan(parts, store, opened)
  const door = entrance?.door ?? null
  const faces = front ? await startedFront({ ...parts, door, deadMan }, ground, opened) : null
  const draining = worker?.stop ?? (async () => {})
  return { url: faces?.url ?? '', engine: worker?.engine ?? null, draining, problems: () => faces?.problems() ?? [] }
}

/** The door with the inbox behind it; what is loaded for it is loaded while the database answers. */
async function openedDoor(start: StartParts, botToken: string, ownerUrl: string, opened: Closing[]) {
  const { config, clock, log } = start
  const { openEntrance } = await import('./store/entrance.js')
  const opening = openEntrance({ ownerUrl, log, clock })
  const [{ openDoor }, inbox] = await Promise.all([import('./app/door.js'), opening])
  // The store is opened after the door, and closed after it too.
  let behind: Closing = inbox.close
  opened.push(() => behind())
  const door = await openDoor(start, botToken, inbox)
  opened.push(door.inlet.stop)
  if (!config.slack.appToken) await door.inlet.start()
  await clock.sleep(knocking)
  const closeBehind = (close: Closing) => {
    behind = close
  }
  return { inbox, door, closeBehind }
}

/** Milliseconds in which what waited before the door is let in, before libraries take the whole thread. */
const knocking = 30

async function embedded({ config, log }: StartParts, opened: Closing[]): Promise<string> {
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
