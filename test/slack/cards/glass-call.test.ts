import { expect, test } from 'vitest'
import { breakingGlass } from '../../../src/releases/approvals.js'
import type { RunView } from '../../../src/runs/run.js'
import { askPostKey } from '../../../src/runs/settling.js'
import type { AskStep, People } from '../../../src/runs/step.js'
import type { PendingPost } from '../../../src/runs/telling.js'
import { headLine } from '../../../src/slack/cards/head.js'
import { drawnPost } from '../../../src/slack/outbox/drawn-post.js'
import { ada, at, scenes } from '../scenes.js'
import { textOf } from '../text-of.js'

const reviewers: People = { groups: ['release-managers'], people: [], requester: 'excluded' }

/** Glass whose ask with this key waits. */
function glass(key: string, of: People): RunView {
  const view = structuredClone(scenes()['waiting for approval'])
  const record = view?.steps.find(({ step }) => step.verb === 'ask')
  if (!view || !record) throw new Error('no scene')
  const answers = [{ label: 'Close it', value: 'close' }]
  const step: AskStep = { ...(record.step as AskStep), key, of, answers, question: 'Close it soon.', quorum: 1 }
  const intent = { ...view.run.intent, job: breakingGlass, input: { reason: 'payments are down' } }
  return {
    ...view,
    run: { ...view.run, intent, requestedBy: ada },
    steps: [{ ...record, key, step, state: 'waiting' }],
  }
}

const told = async (view: RunView, key: string, again = '') => {
  const post = { key: `${askPostKey(key, 1, 1)}${again}`, text: 'asks' } as PendingPost
  const drawn = await drawnPost(post, view, async () => 'S0RELEASE', at(21))
  return drawn && textOf(drawn)
}

test('reviewers are called when there is something to review, and not when glass is broken', async () => {
  const open = glass('open', { ...reviewers, people: [ada.id], requester: 'counts' })
  expect(await told(open, 'open')).toBeNull()
  expect(await told(glass('review', reviewers), 'review')).toContain('<!subteam^S0RELEASE>')
})

test('that its time is nearly over is told to whoever broke it, alone', async () => {
  const open = glass('open', { ...reviewers, people: [ada.id], requester: 'counts' })
  const text = await told(open, 'open', ':again')
  expect(text).toContain(`<@${ada.id}>`)
  expect(text).not.toContain('subteam')
})

test('the card never says that glass which was broken was not, however its run ends', () => {
  const view = glass('open', reviewers)
  const [open] = view.steps
  if (!open) throw new Error('no step')
  const steps = [{ ...open, state: 'passed' as const, startedAt: at(21), endedAt: at(22) }]
  const head = (state: RunView['run']['state'], some = steps) =>
    headLine({ ...view, run: { ...view.run, state }, steps: some })
  expect(head('lost')).toMatch(/was broken, and \*not\* reviewed/)
  expect(head('running')).toMatch(/is closed/)
  expect(head('refused', [])).toMatch(/was \*not\* broken/)
})
