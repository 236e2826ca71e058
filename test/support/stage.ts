import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { compiled } from '../../playground/floor/compiled.js'
import type { Message } from '../../playground/workspace/protocol.js'
import { type Control, createControl } from './control.js'
import { createPerson, type Person, wordsOf } from './person.js'
import { seedCluster } from './seeded-cluster.js'
import { waitFor } from './wait-for.js'

const main = compiled('src/main.js')
const playgroundFile = compiled('playground/shipmate.yml')

export type StageOptions = {
  /** Changes the playground's operator's file, as text. */
  file?(text: string): string
  env?: { [name: string]: string }
  /** Requests a second of the playground's own visitors: few, because they cost a third of a core. */
  visitors?: number
}

/** Everything `npm start` starts, in a folder of its own and on free ports: the whole product, as its users meet it. */
export type Stage = {
  dir: string
  /** Of the workspace. */
  url: string
  /** Where visitors find the shop. */
  shopUrl(): string
  control: Control
  rita: Person
  marco: Person
  mina: Person
  ivy: Person
  gus: Person
  /** What Shipmate wrote to standard error so far. */
  log(): string
  /** `kill -9`: Shipmate dies, everything else goes on. */
  kill(): Promise<void>
  /** `npm start` again, in the same folder. */
  start(): Promise<void>
  /** Ctrl-C; the exit code. */
  stop(): Promise<number | null>
  /** Stops what still runs and takes the folder away. */
  close(): Promise<void>
}

/** Opens a stage. The playground's prod is watched for a second only, so that a story does not take minutes. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { file = (text) => text, env = {}, visitors = 10 } = options
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-stage-'))
  // The embedded databases run under a user of their own, who must get in.
  chmodSync(dir, 0o755)
  const config = join(dir, 'shipmate.yml')
  writeFileSync(config, file(quicker(readFileSync(playgroundFile, 'utf8'))))
  let url = ''
  let log = ''
  let shipmate: ChildProcess | null = null

  async function start(): Promise<void> {
    const port = url === '' ? '0' : new URL(url).port
    const own = { PORT: port, SHIPMATE_DIR: dir, SHIPMATE_CONFIG: config, LOG_LEVEL: 'info' }
    const child = spawn(process.execPath, [main], {
      env: { ...plainEnv(), ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    shipmate = child
    child.stderr.on('data', (text: Buffer) => {
      log += text.toString()
    })
    const ready = once(createInterface(child.stdout), 'line').then(([line]) => String(line))
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`Shipmate ended with ${code} before it was ready:\n${log}`)
    })
    url = await Promise.race([ready, gone])
    gone.catch(() => {})
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const child = shipmate
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const exit = once(child, 'exit')
    child.kill(signal)
    const [code] = await exit
    return code
  }

  await Promise.all(['postgres', 'shop-database'].map((name) => seedCluster(join(dir, name))))
  await Promise.all([start(), visitedFromTheStart(dir, visitors, () => shipmate?.exitCode != null)])
  const person = (id: string) => createPerson(url, id)
  return {
    dir,
    url,
    shopUrl: () => `http://127.0.0.1:${JSON.parse(readFileSync(join(dir, 'floor', 'ports.json'), 'utf8')).shop}`,
    control: createControl(url),
    rita: person('U0RITA'),
    marco: person('U0MARCO'),
    mina: person('U0MINA'),
    ivy: person('U0IVY'),
    gus: person('U0GUS'),
    log: () => log,
    kill: async () => void (await end('SIGKILL')),
    start,
    stop: () => end('SIGTERM'),
    async close() {
      // After a kill the playground is still there: only a Shipmate that stops in order takes it down.
      if (shipmate?.signalCode) await start()
      await end('SIGTERM')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The playground's file, with a watch of a second for the few visitors of a test. */
export const quicker = (text: string) =>
  text.replace('for: 5s', 'for: 1s').replace('minRequests: 20', 'minRequests: 3').replace('drain: 2s', 'drain: 500ms')

/** As soon as visitors are there, since those that nobody slowed down make the rest of the start take twice as long. */
function visitedFromTheStart(dir: string, rate: number, over: () => boolean): Promise<unknown> {
  const look = () =>
    visited(dir, rate).then(
      () => true,
      () => over(),
    )
  return waitFor('the visitors come at the pace of the stage', look, 120_000)
}

async function visited(dir: string, rate: number): Promise<void> {
  const read = (name: string) => readFileSync(join(dir, 'floor', name), 'utf8').trim()
  const answer = await fetch(`http://127.0.0.1:${JSON.parse(read('ports.json')).visitors}/rate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${read('token')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ rate }),
  })
  if (!answer.ok) throw new Error(`the visitors answered ${answer.status}`)
}

/** The environment without what would change what is started. */
export function plainEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(SLACK_|SHIPMATE_|DATABASE_URL|REDIS_URL|PORT|VITEST|NODE_ENV)/.test(name),
  )
  return Object.fromEntries(kept)
}

/** By its id: a name would be looked up anew each time. */
const channel = 'C0RELEASES'

/** The card of the newest run whose words match; its `ts` names it for later looks. */
export const card = (who: Person, words: RegExp, withinMs = 30_000): Promise<Message> =>
  who.seeMessage(channel, words, withinMs)

/** The same card again, once it says so. */
export function cardSays(who: Person, ts: string, words: RegExp, withinMs = 60_000): Promise<Message> {
  let said = 'nothing'
  const look = async () => {
    const found = (await who.messages(channel)).find((message) => message.ts === ts)
    said = found ? wordsOf(found) : said
    return found && words.test(said) ? found : undefined
  }
  return waitFor(`the card ${ts} says ${words}`, look, withinMs).catch((thrown: Error) => {
    throw new Error(`${thrown.message}; it says: ${said}`)
  })
}

/** Rita asks for a deploy, Marco approves; the card once it says so. */
export async function deployed(stage: Stage, version: string, ends: RegExp): Promise<Message> {
  await stage.rita.send('releases', `/deploy prod ${version}`)
  const asked = await card(stage.marco, new RegExp(`${version.replaceAll('.', '\\.')}.*waiting for approval`, 's'))
  await stage.marco.click('releases', 'Approve', { ts: asked.ts })
  return cardSays(stage.marco, asked.ts, ends)
}

/** What a visitor of prod gets now. */
export async function servedVersion(stage: Stage): Promise<string> {
  const answer = await fetch(`${stage.shopUrl()}/version`)
  return ((await answer.json()) as { version: string }).version
}
