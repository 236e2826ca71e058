import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { asShipmateError, failed, type ShipmateError } from '../errors.js'
import type { Guide } from '../incidents/guide.js'
import { type GuideMistake, invalidGuide } from '../incidents/guides/mistakes.js'
import { readGuide } from '../incidents/guides/read-guide.js'
import { type Log, silentLog } from '../log.js'
import { shippedGuides } from './guide-heads.js'

export { shippedGuides }

/** A guide with its text: a run keeps the text it was started with. */
export type GuideFile = { guide: Guide; markdown: string; from: 'shipped' | 'own' }

/** A file that is no guide as it stands; `standIn`: the shipped guide of that name is used meanwhile. */
export type BrokenGuide = { name: string; path: string; error: ShipmateError; standIn: boolean }

export type GuideFolder = { guides: GuideFile[]; broken: BrokenGuide[] }

type Parts = {
  /** The operator's folder; its guides go before shipped ones of the same name. */
  own?: string | null
  shipped?: string
  /** What else has to hold, such as that every check it names exists. */
  check?: (guide: Guide) => GuideMistake[]
  log?: Log
}

/** Every guide there is, by name. One that cannot be used is told and keeps nobody from the others. */
export async function readGuideFolder({ own = null, shipped = shippedGuides, check, log = silentLog }: Parts = {}) {
  const theirs = await read(shipped, 'shipped', check)
  const ours = own === null ? { guides: [], broken: [] } : await read(own, 'own', check)
  const byName = new Map([...theirs.guides, ...ours.guides].map((file) => [file.guide.name, file]))
  const broken = [...theirs.broken, ...ours.broken].map((one) => ({ ...one, standIn: byName.has(one.name) }))
  for (const { path, error, standIn } of broken)
    log.warn({ path, code: error.code, came: error.message.slice(0, 500), standIn }, 'a guide is left out')
  const guides = [...byName.values()].sort((a, b) => a.guide.name.localeCompare(b.guide.name))
  return { guides, broken } satisfies GuideFolder
}

/** One guide: the operator's, else the shipped one of that name; null where there is none that can be used. */
export async function readGuideNamed(
  name: string,
  { own = null, shipped = shippedGuides, check }: Parts = {},
): Promise<GuideFile | null> {
  if (!namePattern.test(name)) return null
  const places = [...(own === null ? [] : [[own, 'own'] as const]), [shipped, 'shipped'] as const]
  for (const [dir, from] of places) {
    const file = await readOne(join(dir, `${name}.md`), name, check).catch(() => null)
    if (file) return { ...file, from }
  }
  return null
}

async function read(dir: string, from: GuideFile['from'], check: Parts['check']): Promise<GuideFolder> {
  const all: GuideFolder = { guides: [], broken: [] }
  for (const name of await namesIn(dir, all)) {
    const path = join(dir, `${name}.md`)
    try {
      all.guides.push({ ...(await readOne(path, name, check)), from })
    } catch (thrown) {
      all.broken.push({ name, path, error: asShipmateError(thrown), standIn: false })
    }
  }
  return all
}

/** A folder that cannot be read is one broken entry: guides that come with Shipmate are there all the same. */
async function namesIn(dir: string, all: GuideFolder): Promise<string[]> {
  try {
    const names = await readdir(dir)
    return names.filter((name) => /^[^.].*\.md$/.test(name) && name !== 'README.md').map((name) => name.slice(0, -3))
  } catch (thrown) {
    const error = failed('guides-unreadable', `the folder of guides ${dir} cannot be read`, {
      came: (thrown as NodeJS.ErrnoException).code ?? String(thrown),
      next: 'Check that the folder is there and may be read.',
      cause: thrown,
    })
    all.broken.push({ name: dir, path: dir, error, standIn: false })
    return []
  }
}

const namePattern = /^[a-z0-9][a-z0-9-]{0,59}$/
/** Read into memory at most; readGuide says how long a guide may be. */
const largestFile = 1024 * 1024

async function readOne(path: string, name: string, check: Parts['check']): Promise<Omit<GuideFile, 'from'>> {
  if (!namePattern.test(name)) throw invalidGuide(name, [misnamed(name)])
  if ((await stat(path)).size > largestFile) throw invalidGuide(name, [tooLarge])
  const markdown = await readFile(path, 'utf8')
  const guide = readGuide(markdown, name)
  const mistakes = check?.(guide) ?? []
  if (mistakes.length > 0) throw invalidGuide(name, mistakes)
  return { guide, markdown }
}

const misnamed = (came: string): GuideMistake => ({
  line: 1,
  wanted: 'a file name of small letters, digits and dashes',
  came,
  next: 'Rename the file.',
})
const tooLarge: GuideMistake = {
  line: 1,
  wanted: 'a file of at most 256 KB',
  came: 'more than 1 MB',
  next: 'Make several guides of it.',
}
