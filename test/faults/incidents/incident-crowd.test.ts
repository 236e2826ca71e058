import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { openDatabase } from '../../../src/store/database.js'
import { atFullSize } from '../../support/parts.js'
import { createRandom } from '../random.js'
import { unanswered, uncounted } from './click-rules.js'
import { type Clicked, type Crowd, createCrowd } from './crowd.js'
import { guideTroubles, type Truth, truthOf } from './incident-truth.js'

const full = atFullSize('incident-crowd')
const wanted = full ? 500 : 120
const guides = full ? 20 : 8
const seed = Number(process.env.SHIPMATE_SEED ?? Math.floor(Math.random() * 2 ** 31))

describe('fifty people who press everything at once, at two desks', () => {
  let crowd: Crowd
  let truth: Truth

  beforeAll(async () => {
    crowd = await createCrowd(guides, createRandom(seed))
    await crowd.openAll()
    while (crowd.clicked.length < wanted) await crowd.burst()
    // Runs that were begun go to their end before the acts are counted.
    await systemClock.sleep(3_000)
    const database = openDatabase({ url: crowd.world.database.ownerUrl, name: 'crowd', role: null }, silentLog, 1)
    truth = await truthOf(database)
    await database.close()
    const refused = crowd.clicked.flatMap(({ reply }) => (reply.kind === 'refused' ? [reply.refusal.code] : []))
    console.log(
      `seed ${seed}: ${crowd.clicked.length} clicks, ${refused.length} refused (${[...new Set(refused)].join(', ')}), ${crowd.acts.length} acts`,
    )
  }, 400_000)
  afterAll(() => crowd?.close())

  it('lose nothing and do nothing twice', () => {
    expect(guideTroubles(truth, crowd.acts), `seed ${seed}`).toEqual([])
    expect(uncounted(crowd.clicked, truth, 1), `seed ${seed}`).toEqual([])
    expect(truth.incidents).toHaveLength(guides)
  })

  it('are answered each: what changed, that it is so already, or what was refused, why and what to do', () => {
    expect(unanswered(crowd.clicked), `seed ${seed}`).toEqual([])
  })

  it('would be found out: a run begun twice, an act twice, an act of a step that was passed over', () => {
    const child = { id: 900, parent: 800, requestKey: 'guide-step:800:mend:1', job: 'operate', state: 'done' }
    const answer = { run: 800, step: 'mend', round: 1, answer: 'do', child: 900 }
    const found = (planted: Partial<Truth>, acts: number[]) =>
      guideTroubles({ ...truth, runs: [child], answers: [answer], ...planted }, acts)
    expect(found({}, [900])).toEqual([])
    expect(found({ runs: [child, { ...child, id: 901 }] }, [900])).toEqual(['guide-step:800:mend:1 was begun twice'])
    expect(found({}, [900, 900])).toEqual(['#900 acted twice'])
    expect(found({ runs: [] }, [])).toEqual(['mend of #800 was answered with a run that is not there'])
    const skipped = { ...answer, answer: 'skip', child: null }
    expect(found({ answers: [skipped] }, [900])).toEqual([
      '#900 acted, and mend of #800 was not answered with it',
      'mend of #800 was done and passed over',
    ])
    expect(found({ answers: [answer, skipped] }, [900])).toEqual([
      'mend of #800 in round 1 was answered twice',
      'mend of #800 was done and passed over',
    ])
    expect(found({ answers: [answer, answer] }, [900])).toEqual(['mend of #800 in round 1 was answered twice'])
    expect(found({ answers: [answer, { ...answer, round: 2 }] }, [900])).toEqual([])
  })

  it('would be found out: an entry that nobody was told of, one that is missing, an answer without a way forward', () => {
    const [first] = truth.incidents
    const id = first?.id ?? 0
    const more = { incident: id, key: 'x', kind: 'note', text: 'note of a ghost' }
    const spoken: Clicked = { by: 'U0P1', incident: id, act: 'note', reply: { kind: 'said', text: 'Noted on INC-1.' } }
    expect(uncounted(crowd.clicked, { ...truth, entries: [...truth.entries, more] }, 1)).toHaveLength(1)
    expect(uncounted([...crowd.clicked, spoken], truth, 1)).toHaveLength(1)
    const refusal = { code: 'x', what: 'No.', why: 'It is so.', next: '' }
    expect(unanswered([{ ...spoken, reply: { kind: 'refused', refusal } }])).toEqual([
      'U0P1 pressed note and was answered without next',
    ])
  })
})
