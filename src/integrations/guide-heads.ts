import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type GuideHead, guideHead } from '../incidents/guides/guide-head.js'

/** The guides that come with Shipmate: beside src/ in a checkout, beside dist/src/ once it is built. */
export const shippedGuides = fileURLToPath(new URL('../../guides', import.meta.url))

/** Read into memory at most. */
const largestFile = 1024 * 1024

export type HeadFile = GuideHead & { from: 'shipped' | 'own' }

/** The heads of every guide, the operator's before shipped ones of the same name. What cannot be read is left out. */
export async function readGuideHeads({
  own = null,
  shipped = shippedGuides,
}: {
  own?: string | null
  shipped?: string
} = {}): Promise<HeadFile[]> {
  const found = [...(await headsIn(shipped, 'shipped')), ...(own === null ? [] : await headsIn(own, 'own'))]
  return [...new Map(found.map((head) => [head.name, head])).values()]
}

async function headsIn(dir: string, from: HeadFile['from']): Promise<HeadFile[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => /^[a-z0-9][a-z0-9-]{0,59}\.md$/.test(name))
  const heads = await Promise.all(names.map((name) => headOf(join(dir, name), name.slice(0, -3)).catch(() => null)))
  return heads.flatMap((head) => (head ? [{ ...head, from }] : []))
}

const headOf = async (path: string, name: string): Promise<GuideHead | null> =>
  (await stat(path)).size > largestFile ? null : guideHead(await readFile(path, 'utf8'), name)
