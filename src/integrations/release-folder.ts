import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { asShipmateError, failed, type ShipmateError } from '../errors.js'
import { type Log, silentLog } from '../log.js'
import type { Release, ReleaseSource } from '../releases/release.js'
import { newestFirst } from './versions.js'

const text = z.string().min(1).max(2000)
const releaseSchema = z.object({
  service: text,
  version: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$/, 'expected letters, digits and . _ + - (at most 80)'),
  commit: z.string().regex(/^[0-9a-f]{40}$/, 'expected a full commit of 40 hex digits'),
  artifact: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'),
  builtAt: z.iso.datetime().transform((value) => new Date(value)),
  changes: z.array(z.object({ sha: text, author: text, subject: text })),
  migrations: z.array(z.object({ name: text, what: text, safe: z.boolean() })),
})

/**
 * Releases as folders, each with a release.json: `<dir>/<any name>/release.json`. Newest version first. A folder that
 * cannot be read keeps nobody from the others (they may be what brings a service back): it is left out with a warning,
 * and told as what it is to whoever names it.
 */
export function createReleaseFolder({ dir, log = silentLog }: { dir: string; log?: Log }): ReleaseSource {
  async function read(): Promise<{ releases: Release[]; broken: Map<string, ShipmateError> }> {
    const broken = new Map<string, ShipmateError>()
    const found = await Promise.all((await foldersIn(dir)).map((name) => readOrSetAside(dir, name, broken)))
    for (const [folder, error] of broken) log.warn({ folder, came: error.came }, 'a release is left out')
    const releases = found.filter((release) => release !== null)
    return { releases: releases.sort((a, b) => newestFirst(a.version, b.version)), broken }
  }
  return {
    list: async (service) => (await read()).releases.filter((release) => release.service === service),
    async find(service, version) {
      const { releases, broken } = await read()
      const release = releases.find((one) => one.service === service && one.version === version)
      const problem = broken.get(version)
      if (!release && problem) throw problem
      return release ?? null
    },
  }
}

async function readOrSetAside(dir: string, name: string, broken: Map<string, ShipmateError>): Promise<Release | null> {
  try {
    return await readRelease(join(dir, name, 'release.json'))
  } catch (thrown) {
    broken.set(name, asShipmateError(thrown))
    return null
  }
}

async function foldersIn(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name)
  } catch (error) {
    throw failed('releases-unreadable', `the folder of releases ${dir} cannot be read`, {
      came: (error as NodeJS.ErrnoException).code ?? String(error),
      next: 'Check releases.path in the operator’s file.',
      cause: error,
    })
  }
}

/** Null when the folder holds no release. */
async function readRelease(path: string): Promise<Release | null> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw broken(path, (error as Error).message, error)
  }
  try {
    return releaseSchema.parse(JSON.parse(content))
  } catch (error) {
    throw broken(path, error instanceof z.ZodError ? wordsOf(error) : `not JSON: ${(error as Error).message}`, error)
  }
}

function broken(path: string, came: string, cause: unknown) {
  return failed('release-broken', `${path} does not describe a release`, {
    wanted: 'service, version, commit, artifact, builtAt, changes and migrations',
    came,
    next: 'Build the release again, or take its folder away.',
    cause,
  })
}

const wordsOf = (error: z.ZodError) =>
  error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ')
