import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { failed } from '../../errors.js'
import { isAlive } from './postmaster.js'

/** Where `restore-self` restores into, beside the data: names change there and nothing is copied. */
export const restoringFolder = (dir: string): string => join(dir, 'restoring')

const ownerFile = (dir: string) => join(dir, 'restore-self.pid')
const journalFile = (dir: string) => join(dir, 'placing.json')
const draftFile = (dir: string) => `${journalFile(dir)}.part`
const dataIn = (dir: string) => join(dir, 'data')

/** What stands here until both names have changed; whoever starts next finishes it. */
const journal = z.object({ from: z.string(), kept: z.string() })

/** One restore of this folder at a time; throws `restore-self-busy` while another process is at it. Answers how to let go. */
export function beginRestoring(dir: string): () => void {
  const file = ownerFile(dir)
  const owner = restoringBy(dir)
  if (owner !== null) throw busy(file, owner, 'Wait until it ends, or end it.')
  rmSync(draftFile(dir), { force: true })
  rmSync(file, { force: true })
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
  } catch {
    throw busy(file, ownerOf(dir), 'Wait until it ends, or end it.')
  }
  return () => rmSync(file, { force: true })
}

/** Without it a start would make an empty database in the place of the one that is being brought back. */
export function refuseWhileRestoring(dir: string): void {
  const owner = restoringBy(dir)
  if (owner !== null) throw busy(ownerFile(dir), owner, 'Start Shipmate when it has ended.')
}

/** The process, other than this one, that restores into this folder now. */
export function restoringBy(dir: string): number | null {
  const owner = ownerOf(dir)
  return owner > 1 && owner !== process.pid && isAlive(owner) ? owner : null
}

const isAtWork = (dir: string): boolean => ownerOf(dir) === process.pid || restoringBy(dir) !== null

const ownerOf = (dir: string): number => {
  const file = ownerFile(dir)
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
}

const busy = (file: string, owner: number, next: string) =>
  failed('restore-self-busy', 'Shipmate’s database is being brought back by another process.', {
    came: `process ${owner} holds ${file}`,
    next: `${next} Remove ${file} if that process is something else.`,
  })

/**
 * Gives the place of the data to what lies in `from`, on the same disk. What was there is kept under the name that comes
 * back; null when there was nothing. Nobody may have a server on either.
 */
export function placeData(dir: string, from: string, suffix: string): string | null {
  const kept = freeName(`${dataIn(dir)}.before-${suffix}`)
  const had = existsSync(dataIn(dir))
  writeFileSync(draftFile(dir), JSON.stringify({ from, kept }))
  flushed(draftFile(dir))
  renameSync(draftFile(dir), journalFile(dir))
  flushed(dir)
  finishPlacing(dir)
  return had ? kept : null
}

/** Finishes what a killed process began to put in place; answers where the data before is kept, null when nothing was begun. */
export function finishPlacing(dir: string): string | null {
  if (!existsSync(journalFile(dir))) return null
  const { from, kept } = journal.parse(JSON.parse(readFileSync(journalFile(dir), 'utf8')))
  if (existsSync(from)) {
    if (existsSync(dataIn(dir))) renameSync(dataIn(dir), freeName(kept))
    flushed(dir)
    renameSync(from, dataIn(dir))
    flushed(dir)
    flushed(dirname(from))
  }
  rmSync(journalFile(dir))
  flushed(dir)
  return kept
}

/** The data folders of scratch servers that a killed restore left; none while one is at work. */
export function leftRestoring(dir: string): string[] {
  const folder = restoringFolder(dir)
  if (isAtWork(dir) || !existsSync(folder)) return []
  return readdirSync(folder).map((name) => join(folder, name, 'data'))
}

/** Takes away what is left of it, once no server runs there. */
export function forgetRestoring(dir: string): void {
  if (isAtWork(dir)) return
  for (const data of leftRestoring(dir)) {
    const state = join(dirname(data), 'server.json')
    const socket = existsSync(state)
      ? /"socketFolder":"([^"]*shipmate-scratch-[^"/]*)"/.exec(readFileSync(state, 'utf8'))
      : null
    if (socket?.[1]) rmSync(socket[1], { recursive: true, force: true })
  }
  rmSync(restoringFolder(dir), { recursive: true, force: true })
  rmSync(draftFile(dir), { force: true })
  rmSync(ownerFile(dir), { force: true })
}

function freeName(wanted: string): string {
  for (let again = 1; ; again++) {
    const name = again === 1 ? wanted : `${wanted}-${again}`
    if (!existsSync(name)) return name
  }
}

/** It outlives a power cut. */
function flushed(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
