// How fresh what people see is, when many deploys share one channel and Slack's limits; on a virtual clock, so that
// hours take seconds. `--quick` is for development: 40 deploys, one way of counting.
import { silentLog } from '../../src/log.js'
import { createOutbox } from '../../src/slack/outbox.js'
import { fakeRows } from '../support/outbox-rows.js'
import { type Counting, enforcingWorkspace, type Landed } from './parts/enforcer.js'
import { percentile, printFigures } from './parts/figures.js'
import { cardShowing, judged, showings, type Verdict } from './parts/shown.js'
import { changesOfRun, type StormRun, storm, viewAt } from './parts/storm.js'
import { viewsOpenInStorm } from './parts/views-open.js'
import { virtualTime } from './parts/virtual-time.js'

const quick = process.argv.includes('--quick')
const sizes = quick ? [40] : [40, 100, 500]
const countings: Counting[] = quick ? ['sliding window'] : ['sliding window', 'token bucket']

type Outcome = Verdict & { refusalsPer10Min: number; p99: number; ownCardVsBound: number }

const figures: { [key: string]: number } = {}
const worst = (key: string, value: number) => {
  figures[key] = Math.max(figures[key] ?? 0, value)
}
for (const size of sizes) {
  for (const counting of countings) {
    const began = Date.now()
    const outcome = await weathered(storm(size, 7 + size), counting)
    console.log(
      `${size} deploys, ${counting}: p99 ${outcome.p99.toFixed(2)} s, own card ${outcome.ownCardVsBound.toFixed(2)} of its bound, ${outcome.refusalsPer10Min.toFixed(2)} × 429 per 10 min, ${outcome.wrongFinal} wrong, ${outcome.olderOverNewer} older over newer (${((Date.now() - began) / 1000).toFixed(1)} s)`,
    )
    worst(`p99-s-${size}`, outcome.p99)
    worst('own-card-vs-bound', outcome.ownCardVsBound)
    worst('429s-per-10min', outcome.refusalsPer10Min)
    worst('wrong-final', outcome.wrongFinal)
    worst('older-over-newer', outcome.olderOverNewer)
  }
}
figures['views-open-p99-ms'] = await viewsOpenInStorm(quick ? 40 : 500, quick ? 3_000 : 15_000)
printFigures('cards', figures)

/** One storm from its first deploy until every message is as it will stay. */
async function weathered(runs: StormRun[], counting: Counting): Promise<Outcome> {
  const time = virtualTime()
  const rows = fakeRows(time)
  const { web, landed, refusals } = enforcingWorkspace(time, counting)
  const stop = new AbortController()
  const outbox = createOutbox({
    telling: rows.telling,
    boards: rows.boards,
    desk: { view: async (run) => rows.runs.get(run)?.view ?? null, list: async () => [] },
    signals: rows.signals,
    leadership: {
      lead: async () => ({ lost: new AbortController().signal, holds: () => true, release: async () => {} }),
    },
    web,
    channelOf: () => 'C0PROD',
    groupIds: async () => null,
    clock: time,
    log: silentLog,
  })
  for (const run of runs) planned(run, time, rows)
  const telling = outbox.run(stop.signal)
  const lastEnd = Math.max(...runs.map(({ changes }) => changes.at(-1) ?? 0))
  const until = lastEnd + runs.length * 1_200 + 60_000
  await time.pass(until)
  stop.abort()
  await time.pass(until + 60_000)
  await telling
  const verdict = judged(runs, landed)
  refuseBlindness(runs, landed)
  return {
    ...verdict,
    p99: percentile(verdict.staleness, 0.99) / 1_000,
    ownCardVsBound: Math.max(...verdict.ownCard) / (runs.length * 1_200),
    refusalsPer10Min: refusals.length / (until / 600_000),
  }
}

function planned(run: StormRun, time: ReturnType<typeof virtualTime>, rows: ReturnType<typeof fakeRows>): void {
  const startedAt = new Date(time.now().getTime() + (run.changes[0] ?? 0))
  for (const [index, at] of run.changes.entries())
    time.plan(at, () => rows.change(viewAt(run, Math.min(changesOfRun, index + 1), startedAt, time.now())))
}

/** A judge that sees no fault is believed only when it sees those that are put there. */
function refuseBlindness(runs: StormRun[], landed: Landed[]): void {
  const card = landed.findLast(({ text }) => cardShowing(text) !== null)
  const board = landed.find(({ text }) => showings(text).length > 1)
  if (!card || !board) throw new Error('the storm has no card or no board to plant a fault in')
  const unended = landed.filter(({ ts, text }) => ts !== card.ts || cardShowing(text)?.state !== changesOfRun)
  if (judged(runs, unended).wrongFinal === 0) throw new Error('a card that never told its end went unseen')
  if (judged(runs, [...landed, board]).olderOverNewer === 0 && judged(runs, [...landed, board]).wrongFinal === 0)
    throw new Error('an old drawing over a new one went unseen')
}
