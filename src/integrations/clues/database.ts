import type { Clue } from '../../incidents/clues.js'
import type { Suspect } from '../../incidents/incident.js'
import type { CheckResult } from '../../runs/abilities.js'
import { asked, type ClueParts, clueAt, together } from './asking.js'

/** What is looked at in a database, and how much a finding speaks for it: locks explain more than a slow query does. */
const looks: { check: string; with: object; key: string; score: number }[] = [
  { check: 'postgres.reachable', with: {}, key: 'database:away', score: 0.9 },
  { check: 'postgres.locks', with: { olderThan: 2_000 }, key: 'lock', score: 0.85 },
  { check: 'postgres.connections', with: {}, key: 'database:connections', score: 0.8 },
  { check: 'postgres.slow-queries', with: { longerThan: 5_000 }, key: 'query', score: 0.55 },
  { check: 'postgres.idle-in-transaction', with: { longerThan: 60_000 }, key: 'transaction', score: 0.5 },
]

export const databaseClue = (parts: ClueParts): Clue =>
  clueAt('database', async (at, scene, signal) => {
    const results = await Promise.all(
      looks.map(async (look) => ({ ...look, found: await asked(parts, look.check, { ...at, ...look.with }, signal) })),
    )
    const suspects = results.flatMap(({ found, key, score }) =>
      found.outcome === 'fail' ? [suspectOf(found, key, score, scene.now)] : [],
    )
    return together(
      results.map(({ found }) => found),
      { suspects, impact: null },
    )
  })

function suspectOf({ summary, next, output }: CheckResult, key: string, score: number, at: Date): Suspect {
  const pid = output?.pid
  return {
    key: typeof pid === 'number' ? `${key}:${pid}` : key,
    kind: 'database',
    text: summary,
    evidence: next ? [next] : [],
    score,
    at,
    run: null,
  }
}
