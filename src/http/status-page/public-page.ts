import type { Clock } from '../../clock.js'
import { asShipmateError } from '../../errors.js'
import { historySince, type PublicRows, statusOf } from '../../incidents/public/status.js'
import type { Log } from '../../log.js'
import type { StatusPageSection } from '../../releases/sections/outside.js'
import { writeFiles } from './files.js'
import { filesOf, type PublicFile } from './page.js'

export type PublicPageParts = {
  section: StatusPageSection
  zone: string
  rows: PublicRows
  clock: Clock
  log: Log
}

export type PublicPage = {
  /** As it is now, looked at in the rows at most every few seconds; the last that was seen while they cannot be read. */
  files(): Promise<PublicFile[]>
  /** Puts what changed into the folder that the operator named; answers which files. Called after each change, and now and then. */
  write(): Promise<string[]>
}

/** However many read it, the rows are looked at so often at most. */
const freshMs = 3_000

/** The public page from rows. It needs neither Slack nor a worker. */
export function createPublicPage({ section, zone, rows, clock, log }: PublicPageParts): PublicPage {
  let seen: { files: PublicFile[]; at: number } | null = null
  let looking: Promise<PublicFile[]> | null = null

  async function look(): Promise<PublicFile[]> {
    const now = clock.now()
    const incidents = await rows.incidents(historySince(now))
    const files = filesOf(statusOf(section, zone, incidents, now))
    seen = { files, at: now.getTime() }
    return files
  }

  const shared = () => {
    looking ??= look().finally(() => {
      looking = null
    })
    return looking
  }

  return {
    async files() {
      if (seen && clock.now().getTime() - seen.at < freshMs) return seen.files
      return shared().catch((thrown) => {
        if (!seen) throw thrown
        log.warn({ code: asShipmateError(thrown).code }, 'the status page shows what was seen last')
        seen = { ...seen, at: clock.now().getTime() }
        return seen.files
      })
    },
    async write() {
      return section.folder === undefined ? [] : writeFiles(section.folder, await look())
    },
  }
}
