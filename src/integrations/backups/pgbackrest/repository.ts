import { chown, mkdtemp, readFile, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { runsAs } from '../programs.js'
import type { Listing } from '../wal/continuity.js'
import { momentsIn, type SegmentMoments } from '../wal/records.js'
import { parseHistory } from '../wal/segments.js'
import type { Tool } from './tool.js'

/** A file of the repository, below the folder that was listed. */
export type Stored = { path: string; bytes: number; at: Date }

const listed = z.record(
  z.string(),
  z.object({ type: z.string(), size: z.number().optional(), time: z.number().optional() }),
)

/** What lies below a folder of the repository; its own listing, however the repository is reached. */
export async function filesIn(tool: Tool, folder: string, signal: AbortSignal): Promise<Stored[]> {
  const words = ['repo-ls', '--output=json', '--recurse', `--repo=${tool.settings.repository}`, folder]
  const { output } = await tool.run('list its repository', words, signal)
  return Object.entries(listed.parse(JSON.parse(output || '{}'))).flatMap(([path, { type, size = 0, time = 0 }]) =>
    type === 'file' ? [{ path, bytes: size, at: new Date(time * 1000) }] : [],
  )
}

export const archiveFolder = ({ settings }: Tool) => `archive/${settings.stanza}`
export const backupFolder = ({ settings }: Tool) => `backup/${settings.stanza}`

/** The text of a small file of the repository. */
export async function textIn(tool: Tool, path: string, signal: AbortSignal): Promise<string> {
  const words = ['repo-get', `--repo=${tool.settings.repository}`, path]
  return (await tool.run(`read ${path}`, words, signal)).output
}

/** Segments and histories of one cluster, from the files of the archive. */
export async function listingOf(tool: Tool, archiveId: string, files: Stored[], signal: AbortSignal): Promise<Listing> {
  const here = files.filter(({ path }) => path.startsWith(`${archiveId}/`))
  const names = here.map((file) => ({ ...file, name: file.path.split('/').at(-1) ?? '' }))
  const segments = names.flatMap(({ name, at, bytes }) => {
    const [, segment] = /^([0-9A-F]{24})-[0-9a-f]{40}(\.\w+)?$/.exec(name) ?? []
    return segment ? [{ name: segment, at, bytes }] : []
  })
  const histories: Listing['histories'] = new Map()
  for (const { name, path } of names) {
    const [, timeline] = /^([0-9A-F]{8})\.history$/.exec(name) ?? []
    if (timeline)
      histories.set(
        Number.parseInt(timeline, 16),
        parseHistory(await textIn(tool, `${archiveFolder(tool)}/${path}`, signal)),
      )
  }
  return { segments: segments.sort((a, b) => (a.name < b.name ? -1 : 1)), histories }
}

/** Reads moments out of archived segments, each once: what is archived does not change. */
export type Moments = (name: string, signal: AbortSignal) => Promise<SegmentMoments>

export function createMoments(tool: Tool): Moments {
  const read = new Map<string, SegmentMoments>()
  return async (name, signal) => {
    const before = read.get(name)
    if (before) return before
    const folder = await mkdtemp(join(tmpdir(), 'shipmate-segment-'))
    try {
      const as = runsAs(tool.settings.user)
      if (as) await chown(folder, as.uid, as.gid)
      const file = join(folder, name)
      await tool.run(
        `read segment ${name}`,
        ['archive-get', `--repo=${tool.settings.repository}`, '--no-archive-async', name, file],
        signal,
      )
      const found = momentsIn(await readFile(file), name)
      if (read.size > 10_000) read.clear()
      read.set(name, found)
      return found
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** Free where the repository lies on a disk that this machine has; null elsewhere. */
export async function freeIn(tool: Tool): Promise<number | null> {
  const name = (option: string) => `repo${tool.settings.repository}-${option}`
  const [path, type, host] = await Promise.all(['path', 'type', 'host'].map((one) => tool.option(name(one))))
  if (host || (type && type !== 'posix' && type !== 'cifs')) return null
  try {
    const { bavail, bsize } = await statfs(path ?? '/var/lib/pgbackrest')
    return bavail * bsize
  } catch {
    return null
  }
}
