import type { EngineContext } from '../../../../backups/engine.js'
import { asked, type Mirrored } from './mirror.js'

const dayMs = 86_400_000

/** Runbooks that no commit has touched for so long, each with its age in days, the oldest first. */
export async function untouchedSince(
  mirrored: Mirrored,
  paths: string[],
  limit: number,
  { signal, clock }: Pick<EngineContext, 'signal' | 'clock'>,
): Promise<string[]> {
  const { runbooks } = mirrored.settings
  const watched = paths.filter((path) =>
    path
      .split('/')
      .slice(0, -1)
      .some((folder) => runbooks.includes(folder.toLowerCase())),
  )
  if (watched.length === 0) return []
  const now = clock.now().getTime()
  const since = Math.floor((now - limit) / 1_000)
  const touched = await asked(mirrored, ['log', `--since=@${since}`, '--format=', '--name-only', '-z', 'HEAD'], signal)
  const young = new Set(touched.split('\0').map((name) => name.replace(/^\n+/, '')))
  const found: { path: string; days: number }[] = []
  for (const path of watched.filter((one) => !young.has(one)).slice(0, mostOld)) {
    const last = await asked(mirrored, ['log', '-1', '--format=%ct', 'HEAD', '--', `:(literal)${path}`], signal)
    const days = Math.floor((now - Number(last.trim()) * 1_000) / dayMs)
    if (days * dayMs >= limit) found.push({ path, days })
  }
  return found
    .sort((a, b) => b.days - a.days)
    .map(({ path, days }) => `${path} (${days === 1 ? '1 day' : `${days} days`})`)
}

/** Each takes a look at the whole history. */
const mostOld = 200
