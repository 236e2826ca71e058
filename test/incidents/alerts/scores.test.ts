import { describe, expect, it } from 'vitest'
import { changeSuspect, deploySuspect, score, type Weighed } from '../../../src/incidents/alerts/scores.js'

const since = new Date('2026-11-23T14:02:00Z')
const scene = { service: 'storefront', environment: 'prod', since, now: new Date(since.getTime() + 300_000) }
const earlier = (minutes: number) => new Date(since.getTime() - minutes * 60_000)
const cause = (given: Partial<Weighed>): Weighed => ({
  kind: 'deploy',
  service: 'storefront',
  environment: 'prod',
  at: earlier(4),
  ...given,
})

describe('what may have caused it', () => {
  it('is first of all the last deploy to the same place just before the first error', () => {
    const best = score(cause({}), scene)
    const weaker = [
      cause({ at: earlier(30) }),
      cause({ service: 'checkout', at: earlier(1) }),
      cause({ environment: 'staging', at: earlier(1) }),
      cause({ at: earlier(-10) }),
      ...(['change', 'alert'] as const).flatMap((kind) =>
        [0, 1, 4, 60].map((minutes) => cause({ kind, at: earlier(minutes) })),
      ),
      cause({ kind: 'change', service: null, at: earlier(0) }),
      cause({ kind: 'alert', service: 'database', at: earlier(0) }),
    ]
    for (const one of weaker) expect(score(one, scene)).toBeLessThan(best)
  })

  it('is a change that is much closer before a deploy of an hour ago, and neither when they came after it', () => {
    expect(score(cause({ kind: 'change', at: earlier(1) }), scene)).toBeGreaterThan(
      score(cause({ at: earlier(60) }), scene),
    )
    expect(score(cause({ at: earlier(-10) }), scene)).toBeLessThan(score(cause({ at: earlier(100) }), scene))
  })

  it('stays between 0 and 1, also where nothing is known', () => {
    for (const kind of ['deploy', 'change', 'alert'] as const)
      for (const environment of [null, 'prod', 'staging'])
        for (const service of [null, 'storefront', 'x'])
          for (const minutes of [-500, 0, 10_000]) {
            const found = score({ kind, service, environment, at: earlier(minutes) }, scene)
            expect(found).toBeGreaterThanOrEqual(0)
            expect(found).toBeLessThanOrEqual(1)
          }
  })

  it('says when it was in words', () => {
    const run = { run: 482, job: 'deploy', service: 'storefront', environment: 'prod', version: 'v1.8.0', by: 'Rita' }
    expect(deploySuspect({ ...run, from: earlier(9), to: earlier(4) }, scene)).toMatchObject({
      ...{ key: 'run:482', run: 482, text: 'deploy #482 storefront v1.8.0, 4 min before' },
    })
    const during = deploySuspect({ ...run, from: earlier(2), to: earlier(-3) }, scene)
    expect(during.text).toBe('deploy #482 storefront v1.8.0, while it went on')
    expect(during.score).toBeGreaterThan(0.95)
    expect(deploySuspect({ ...run, from: earlier(9), to: earlier(4), undone: true }, scene)).toMatchObject({
      text: 'deploy #482 storefront v1.8.0, undone, 4 min before',
      evidence: ['storefront in prod became v1.8.0, which was taken back; what it migrated stays, asked by Rita'],
      undone: true,
    })
    const change = {
      key: 'k',
      source: 'github',
      what: 'flag on',
      service: 'storefront',
      environment: 'prod',
      by: 'Marco',
      at: earlier(1),
      link: null,
    }
    expect(changeSuspect(change, scene)).toMatchObject({
      key: 'change:github:k',
      text: 'flag on, 1 min before',
      run: null,
    })
  })
})
