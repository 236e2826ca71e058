import type { Release } from '../releases/release.js'

export type Risk = 'low' | 'medium' | 'high'

/** How much a deploy can hurt: `brought` is every release it brings, newest first. */
export function riskOfDeploy(from: string | null, brought: Release[]): Risk {
  const migrations = brought.flatMap((release) => release.migrations)
  if (migrations.some(({ safe }) => !safe)) return 'high'
  const changes = brought.reduce((sum, release) => sum + release.changes.length, 0)
  return from === null || brought.length > 1 || changes > manyChanges ? 'medium' : 'low'
}

/** Fewer instances can hurt, the fewer the more. */
export function riskOfScale(from: number, to: number): Risk {
  if (to >= from) return 'low'
  return to * 2 < from ? 'high' : 'medium'
}

/** One step up: a version that was taken back once may be taken back again. */
export const worse = (risk: Risk): Risk => (risk === 'low' ? 'medium' : 'high')

const manyChanges = 20
