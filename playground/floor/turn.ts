import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { identify, isAlive, type ProcessId, processIdSchema } from '../processes.js'

/** Waits until nobody else starts or stops things in this folder; the answer lets the next one go. */
export async function takeTurn(path: string, patienceMs = 60_000): Promise<() => void> {
  mkdirSync(dirname(path), { recursive: true })
  const mine = JSON.stringify(identify(process.pid))
  const until = Date.now() + patienceMs
  while (!taken(path, mine)) {
    const holder = holderOf(path)
    if (holder !== null && !isAlive(holder)) rmSync(path, { force: true })
    else if (Date.now() > until) throw new Error(`${path} is held by process ${holder?.pid ?? 'unknown'} for too long`)
    else await pause(50)
  }
  return () => rmSync(path, { force: true })
}

function taken(path: string, mine: string): boolean {
  try {
    writeFileSync(path, mine, { flag: 'wx' })
    return true
  } catch {
    return false
  }
}

/** Null while the holder is still writing its name. */
function holderOf(path: string): ProcessId | null {
  try {
    return processIdSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}
