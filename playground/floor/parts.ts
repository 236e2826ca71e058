import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Log } from '../../src/log.js'
import { findByMark, isAlive, type ProcessId, processIdSchema, startDetached, stopProcess } from '../processes.js'
import { loadSaved, save } from '../saved.js'

const partSchema = z.object({
  mark: z.string(),
  process: processIdSchema.nullable(),
  /** What it was started with; another wish is another start. */
  settings: z.string(),
  url: z.string().nullable(),
})
type Part = z.infer<typeof partSchema>
const partsSchema = z.record(z.string(), partSchema)

export type PartPlan = {
  name: string
  script: string
  /** Arguments, with the mark among them; by it a process is found whose number was never written down. */
  args(mark: string): string[]
  /** Its mark, when it cannot be any word. */
  mark?: string
  settings: object
  env?: { [name: string]: string }
}

/** Processes of the playground that outlive whoever started them, and are found again by number and start time. */
export function createParts(dir: string, log: Log) {
  const file = join(dir, 'playground.json')
  // Read anew each time: another opening may have started a part again meanwhile.
  const known = () => loadSaved(file, partsSchema, {})
  const remember = (name: string, part: Part | null) => {
    const { [name]: _, ...others } = known()
    save(file, part === null ? others : { ...others, [name]: part })
  }
  const logFile = (name: string) => join(dir, 'logs', `${name}.log`)

  async function open(plan: PartPlan): Promise<{ url: string | null; adopted: boolean }> {
    const settings = JSON.stringify(plan.settings)
    const before = known()[plan.name]
    const running = before ? livingOne(before) : null
    if (before && running && before.settings === settings && before.process) return { url: before.url, adopted: true }
    if (running) await stopProcess(running, 5000)
    const mark = plan.mark ?? randomUUID()
    const part: Part = { mark, process: null, settings, url: null }
    remember(plan.name, part)
    const from = existsSync(logFile(plan.name)) ? statSync(logFile(plan.name)).size : 0
    part.process = startDetached({
      script: plan.script,
      args: plan.args(mark),
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...plan.env },
      logFile: logFile(plan.name),
    })
    remember(plan.name, part)
    part.url = await ready(plan.name, part.process, from)
    remember(plan.name, part)
    log.debug({ part: plan.name, pid: part.process?.pid }, 'started')
    return { url: part.url, adopted: false }
  }

  /** The address in its ready line; throws with its last words when it ends before. */
  async function ready(name: string, process: ProcessId | null, from: number): Promise<string | null> {
    const until = Date.now() + 30_000
    for (;;) {
      const written = existsSync(logFile(name)) ? readFileSync(logFile(name), 'utf8').slice(from) : ''
      const line = written.split('\n').find((text) => text.startsWith('{"ready":true'))
      if (line !== undefined) return z.object({ url: z.string().optional() }).parse(JSON.parse(line)).url ?? null
      if (process === null || !isAlive(process) || Date.now() > until)
        throw new Error(
          `the playground's ${name} did not start:\n${written.trimEnd().split('\n').slice(-8).join('\n')}`,
        )
      await pause(20)
    }
  }

  return {
    open,
    async stop(name: string): Promise<void> {
      const part = known()[name]
      const running = part ? livingOne(part) : null
      if (running) await stopProcess(running, 5000)
      if (part) remember(name, null)
    },
    isRunning(name: string): boolean {
      const part = known()[name]
      return part !== undefined && livingOne(part) !== null
    },
    processOf: (name: string): ProcessId | null => known()[name]?.process ?? null,
  }
}
export type Parts = ReturnType<typeof createParts>

function livingOne({ process, mark }: Part): ProcessId | null {
  if (process !== null && isAlive(process)) return process
  return process === null ? findByMark(mark) : null
}
