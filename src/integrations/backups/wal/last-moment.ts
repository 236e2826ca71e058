import type { SegmentMoments } from './records.js'

const mostSegments = 24

/** Back through segments in which nothing was committed, but not for ever: an idle server writes many of those. */
export async function lastMomentOf(
  newestFirst: string[],
  read: (name: string) => Promise<SegmentMoments>,
): Promise<Date | null> {
  for (const name of newestFirst.slice(0, mostSegments)) {
    const { last } = await read(name)
    if (last !== null) return last
  }
  return null
}
