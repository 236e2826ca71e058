import { describe, expect, it } from 'vitest'
import type { LockNotice } from '../../src/runs/telling.js'
import { runCard } from '../../src/slack/cards/run-card.js'
import { lockNoticeMessage } from '../../src/slack/locks/notice.js'
import { expectValidMessage } from '../support/block-kit.js'
import { ada, at, scene } from './scenes.js'
import { textOf } from './text-of.js'

const now = at(30)
const max = { kind: 'person' as const, id: 'U0MAX', name: 'Max' }
const about = { resources: ['storefront/prod'], holder: ada, reason: 'exam <!channel>', expires: at(40) }

function words(notice: LockNotice): string {
  const drawn = lockNoticeMessage(notice, now)
  expectValidMessage(drawn)
  return textOf(drawn).replaceAll('\u200b', '')
}

describe('a notice about a lock', () => {
  it('mentions its holder, and nobody else, before it ends, and says how to keep it', () => {
    expect(words({ ...about, kind: 'lock ending' })).toBe(
      `<@${ada.id}>: your lock on *storefront in prod* ends at 14:40 UTC (in 10 min): exam &lt;!channel&gt;\nTo keep it: \`/ops lock storefront prod for 1h exam &lt;!channel&gt;\``,
    )
  })

  it('mentions nobody when it has ended, was ended or was handed over', () => {
    const ended = words({ ...about, kind: 'lock ended' })
    const cleared = words({ ...about, kind: 'lock cleared', by: max, why: 'Ada is away' })
    const given = words({ ...about, kind: 'lock handed over', by: max, from: max })
    expect(ended).toBe('The lock of Ada on *storefront in prod* has ended: exam &lt;!channel&gt;. Who waited goes on.')
    expect(cleared).toBe('Max ended your lock on *storefront in prod* (exam &lt;!channel&gt;): Ada is away')
    expect(given).toBe(
      'Max handed the lock on *storefront in prod* over from Max to Ada: exam &lt;!channel&gt;, until 14:40 UTC.',
    )
    expect(ended + cleared + given).not.toContain('<@')
  })

  it('names all places of one lock, and the environment to keep it', () => {
    const text = words({ ...about, kind: 'lock ending', resources: ['blog/prod', 'storefront/prod'] })
    expect(text).toContain('your lock on *blog in prod and storefront in prod* ends at')
    expect(text).toContain('/ops lock prod for 1h')
  })
})

describe('the card of a run that waits', () => {
  const lock = { resource: 'storefront/prod', run: null, by: ada, reason: 'exam week', since: at(2), expires: at(50) }
  const card = (more: object) => {
    const view = scene()
    return textOf(runCard({ ...view, steps: [], run: { ...view.run, plan: null, ...more } }, now)).replaceAll(
      '\u200b',
      '',
    )
  }

  it('shows its place in line, and who holds the place by hand, why and until when', () => {
    const text = card({ state: 'queued', ahead: 0, lockedBy: lock, reason: null })
    expect(text).toContain('Next in line, when the lock has ended.')
    expect(text).toContain(
      'Storefront in prod is locked by Ada since 14:02 UTC, until 14:50 UTC (in 20 min): exam week',
    )
    expect(text).toContain('To end the lock: `/ops unlock storefront prod`')
    expect(card({ state: 'queued', ahead: 2, lockedBy: null, reason: null })).toContain(
      'Place 3 in line, behind 2 runs.',
    )
  })

  it('shows the same when the lock was taken while people approved', () => {
    const reason = { code: 'lock-held', text: 'waits for storefront/prod, locked by Ada' }
    const text = card({ state: 'waiting', lockedBy: lock, reason })
    expect(text).toContain(
      'Storefront in prod is locked by Ada since 14:02 UTC, until 14:50 UTC (in 20 min): exam week',
    )
    expect(text).toContain('It goes on by itself.')
    expect(card({ state: 'waiting', lockedBy: null, reason })).toContain('Waits for storefront/prod, locked by Ada.')
  })
})
