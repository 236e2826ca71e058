import { setTimeout as pause } from 'node:timers/promises'
import { wordsOf } from '../../support/person.js'
import { card, type Stage } from '../../support/stage.js'
import { waitFor } from '../../support/wait-for.js'
import type { BenchDatabase } from './bench-database.js'

/** So long do people read before they approve: after five seconds the engine looks at its gates again. */
const reading = 6_000

/**
 * A deploy of prod as people make it in Slack. `ms` is from the approval to the end, by the rows of the run; `calls` the
 * Web API calls from the command until nothing is left to tell.
 */
export async function deployByShipmate(
  stage: Stage,
  database: BenchDatabase,
  version: string,
): Promise<{ ms: number; calls: number }> {
  const calls = async () => (await stage.control.calls()).filter(({ method }) => method !== 'response_url').length
  const before = await calls()
  await stage.rita.send('releases', `/deploy prod ${version}`)
  const asked = await card(stage.marco, /waiting for approval/)
  await pause(reading)
  await stage.marco.click('releases', 'Approve', { ts: asked.ts })
  await ended(stage, database)
  const ms = await database.one(`select 1000 * extract(epoch from r.ended_at - a.at)
    from shipmate.runs r join shipmate.answers a on a.run = r.id order by r.id desc limit 1`)
  return { ms, calls: (await calls()) - before }
}

/** Back to `version`, outside of what is measured. */
export async function rollBack(stage: Stage, database: BenchDatabase, version: string): Promise<void> {
  await stage.rita.send('releases', `/rollback prod ${version}`)
  await ended(stage, database)
}

/** The newest run is done and all of it is told. */
async function ended(stage: Stage, { one }: BenchDatabase): Promise<void> {
  const quiet = async () => {
    // Seldom, so that looking takes nothing from what is looked at.
    await pause(500)
    const open =
      await one(`select (select count(*) from shipmate.runs where ended_at is null or stale_since is not null)
      + (select count(*) from shipmate.posts where sent_at is null and given_up_at is null)`)
    return open === 0
  }
  const inTime = await waitFor('nothing is under way', quiet, 120_000).catch(() => false)
  const done = await one(`select (state = 'done')::int from shipmate.runs order by id desc limit 1`)
  if (inTime && done === 1) return
  const seen = (await stage.marco.messages('releases')).slice(-2).map(wordsOf)
  throw new Error(`the newest run was not done in time:\n${seen.join('\n\n')}\n\n${stage.log()}`)
}
