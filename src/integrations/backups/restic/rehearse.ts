import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineContext } from '../../../backups/engine.js'
import type { FilesFound } from '../../../backups/files.js'
import { shownBytes } from '../../../backups/sizes.js'
import { failed } from '../../../errors.js'
import { bytesTold } from '../progress.js'
import { bytesOf, type Entry, hashOf, parseListing } from './listing.js'
import type { Parts } from './parts.js'
import { fileOf, nodesOf, type Snapshot, snapshotsOf, toldIn } from './program.js'
import { nearest } from './repository.js'
import { backupFrom, isHalf } from './tags.js'
import { absentFrom, listingPathOf, notInIt } from './verify.js'

/** Restores files of the newest backup that counts, and compares each with the hash that was taken when it was stored. */
export async function rehearse(parts: Parts, into: string, context: EngineContext): Promise<FilesFound> {
  const { program, source, settings } = parts
  const { signal, clock } = context
  const snapshot = await newestOf(parts, context)
  const listing = await fileOf(program, snapshot.short_id, listingPathOf(snapshot), signal)
  const { entries, at } = parseListing(listing.toString('utf8'), snapshot.short_id)
  const nodes = await nodesOf(program, snapshot.short_id, signal)
  // One that was written to between the list and the store is in the backup as it was later: no hash tells of it.
  const comparable = entries.filter(({ path, bytes, mtimeMs, sha256 }) => {
    const node = nodes.get(path)
    return sha256 !== '' && node?.bytes === bytes && node.mtimeMs === mtimeMs
  })
  const chosen = source.whole ? comparable : someOf(comparable, settings.sample)
  await enoughRoom(into, bytesOf(chosen))
  const began = clock.now().getTime()
  const trouble = await restored(parts, snapshot, source.whole ? null : chosen, into, context)
  const looking = clock.now().getTime()
  const problems = [
    ...absentFrom(snapshot, entries, nodes).map((path) => `${path}: ${notInIt}`),
    ...(await compared(chosen, into, context)),
  ]
  const holds = await source.look(
    { to: (path) => join(into, path), begunAt: new Date(at), paths: [...nodes.keys()] },
    context,
  )
  const youngest = Math.max(0, ...entries.map(({ mtimeMs }) => mtimeMs))
  return {
    from: backupFrom(snapshot),
    restoreMs: looking - began,
    checkMs: clock.now().getTime() - looking,
    bytes: bytesOf(chosen),
    ...{ files: entries.length, looked: chosen.length },
    problems: problems.length === 0 && trouble !== null ? [trouble] : problems,
    newestAt: youngest === 0 ? null : new Date(youngest),
    holds,
  }
}

async function newestOf({ program, set }: Parts, context: EngineContext): Promise<Snapshot> {
  const snapshots = (await snapshotsOf(program, set, context)).filter((one) => !isHalf(one))
  // What is known not to be counted on proves nothing by coming back.
  const newest = snapshots.findLast((one) => backupFrom(one).faults.length === 0)
  if (newest) return newest
  throw failed('backup-none', `${set} has no backup that could be restored.`, {
    next: `Take one: /backup ${set}`,
  })
}

const spareBytes = 64 * 1024 * 1024

async function enoughRoom(into: string, wanted: number): Promise<void> {
  const { bavail, bsize } = await statfs(nearest(into))
  const [free, needed] = [bavail * bsize, wanted + spareBytes]
  if (free >= needed) return
  throw failed('scratch-full', `there is no room for a scratch restore in ${into}`, {
    wanted: `${shownBytes(needed)} free`,
    came: `${shownBytes(free)} are free`,
    next: 'Make room there, or name a folder on a larger disk in the operator’s file.',
  })
}

/** Each as likely as every other. */
function someOf(entries: Entry[], count: number): Entry[] {
  const left = [...entries]
  const chosen: Entry[] = []
  while (chosen.length < count && left.length > 0) {
    const at = randomInt(left.length)
    const last = left.pop()
    const one = at === left.length ? last : left[at]
    if (at < left.length && last) left[at] = last
    if (one) chosen.push(one)
  }
  return chosen
}

/** What restic complained of, if it did: what came back is told by looking at it. */
async function restored(
  { program }: Parts,
  { short_id: label }: Snapshot,
  only: Entry[] | null,
  into: string,
  context: EngineContext,
): Promise<string | null> {
  context.progress({ done: 0, total: 0, text: only ? `restoring ${only.length} files` : `restoring all of ${label}` })
  const included = (only ?? []).flatMap(({ path }) => ['--include', literally(path)])
  const { code, complaints } = await program.run(`restore from ${label}`, {
    words: ['--no-lock', 'restore', label, '--target', into, ...included],
    signal: context.signal,
    well: ({ complaints }) => /ignoring error for|There were \d+ errors/.test(complaints),
  })
  return code === 0 ? null : (toldIn(complaints)[0] ?? 'restic ended badly')
}

/** Names that look like patterns are names. */
const literally = (path: string) => path.replace(/[\\*?[\]]/g, '\\$&')

async function compared(chosen: Entry[], into: string, context: EngineContext): Promise<string[]> {
  const tell = bytesTold(context, 'comparing what came back')
  const [problems, total]: [string[], number] = [[], bytesOf(chosen)]
  let done = 0
  for (const { path, bytes, sha256 } of chosen) {
    const came = join(into, path)
    if (!existsSync(came)) problems.push(`${path} did not come back`)
    else if ((await lstat(came)).size !== bytes) problems.push(`${path} came back with another size`)
    else if ((await hashOf(came, context.signal)) !== sha256) problems.push(`${path} came back with another content`)
    done += bytes
    tell(done, total)
  }
  return problems
}
