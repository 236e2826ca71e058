import type { RunView } from '../../src/runs/run.js'
import type { Step } from '../../src/runs/step.js'
import { act, answered, approval, at, check, rita, type Scene, scene } from './scenes.js'

const looking = (key: string, title: string, name: string): Step => ({ ...check(key, title), check: name }) as Step

const steps: Step[] = [
  act('scratch', 'restore shop into a scratch server'),
  looking('rows', 'there are rows', 'drill.rows'),
  looking('newest', 'the newest row is close to that moment', 'drill.newest'),
  looking('orphans', 'every foreign key leads somewhere', 'drill.orphans'),
  looking('compare', 'rows, old data → restored', 'restore.compare'),
  {
    ...approval,
    quorum: 1,
    about: 'compare',
    question: 'Put shop of prod back to 14:02? What was written after that goes.',
  } as Step,
  act('close', 'pause the application'),
  act('swap', 'swap the data'),
  looking('live', 'what serves is what was verified', 'restore.live'),
  looking('figures', 'what it took', 'restore.figures'),
  act('clear', 'remove the scratch'),
]

const asked: Scene = {
  steps,
  headline: {
    ...{ job: 'restore', from: null, to: null, changes: [], migrations: [], risk: 'high' },
    notes: ['to 14:02, just before #481', 'will lose 18 min of writes: 14:02:00 → now'],
  },
  pinned: { point: { kind: 'time', at: at(2).toISOString() } },
}
const intent = { job: 'restore', service: 'storefront', environment: 'prod', input: { database: 'shop' } }
const compared = {
  scratch: 'passed',
  rows: { state: 'passed', evidence: { summary: '82 rows in 2 tables' } },
  newest: 'skipped',
  orphans: { state: 'warned', evidence: { summary: '3 rows of order_lines' } },
  compare: { state: 'passed', evidence: { summary: 'orders: not there → 41' } },
} as const

/** A restore that waits for people, and the same once it is live. */
export function restoreScenes(): { waiting: RunView; done: RunView } {
  const waiting = scene({
    ...asked,
    run: { intent, startedAt: at(20) },
    told: { ...compared, approve: { state: 'waiting', startedAt: at(20) } },
  })
  const finished = scene({
    ...asked,
    run: { intent, state: 'done', startedAt: at(20), endedAt: at(24) },
    told: {
      ...compared,
      approve: 'passed',
      close: { state: 'passed', startedAt: at(20, 58), endedAt: at(21) },
      swap: 'passed',
      live: { state: 'passed', evidence: { summary: '2 tables with 82 rows, as verified' } },
      figures: { state: 'passed', evidence: { summary: 'whole again after 4 min' } },
      clear: 'passed',
    },
  })
  return { waiting, done: { ...finished, answers: [answered(finished, rita, 'approve', at(20, 40))] } }
}
