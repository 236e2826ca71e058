import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answered, mentionsAnybody } from '../support/answers.js'
import { type Person, wordsOf } from '../support/person.js'
import { runShipmate } from '../support/shipmate-process.js'
import { card, cardSays, openStage, type Stage, servedVersion } from '../support/stage.js'

let stage: Stage
let rita: Person
let marco: Person
let ivy: Person

beforeAll(async () => {
  stage = await openStage()
  ;({ rita, marco, ivy } = stage)
})
afterAll(() => stage?.close())

describe('a lock by hand', () => {
  it('is shown with its end where it was asked for, and handed over with a button', async () => {
    const answer = await answered(marco, '/ops lock prod for 2h because exam week')
    expect(answer).toMatch(/You locked prod for 2 h/)
    expect(answer).toMatch(/locked by marco since .*, until .*: exam week/)
    await marco.click('releases', 'Hand over…')
    await marco.seeModal(/Hand over a lock/)
    expect(await marco.submit({ person: 'U0RITA' })).toMatchObject({ ok: true })
    await marco.seeMessage('releases', /rita may not lock prod/)
    await marco.click('releases', 'Hand over…')
    await marco.seeModal(/Hand over a lock/)
    await marco.submit({ person: ivy.id })
    await marco.seeMessage('releases', /ivy holds the lock on storefront in prod now/)
  })

  it('is told to the one who got it, who finds it in App Home', async () => {
    const notice = await ivy.seeMessage(
      'shipmate',
      /marco handed the lock on .*storefront in prod.* over from marco to ivy/,
    )
    expect(wordsOf(notice)).toMatch(/: exam week, until /)
    await ivy.openHome()
    const home = await ivy.seeHome(/Locked[\s\S]*locked by ivy since/)
    expect(mentionsAnybody(wordsOf(home))).toBe(false)
    await ivy.clickInHome('Hand over…')
    await ivy.seeModal(/Hand over a lock/)
    await ivy.close()
  })

  it('that runs out tells the channel, and people can deploy again', async () => {
    expect(await answered(rita, '/deploy staging v1.8.0')).toMatch(/run #/)
    await card(rita, /v1\.8\.0\*? is live in \*?staging/)
    await answered(ivy, '/ops lock prod for 1s because nearly done')
    const ended = await card(
      rita,
      /The lock of ivy on storefront in prod has ended: nearly done\. Who waited goes on\./,
    )
    expect(mentionsAnybody(wordsOf(ended))).toBe(false)
    expect(await answered(rita, '/ops locks')).toMatch(/^Nothing is locked\./)
  })

  it('taken while people approved keeps the run waiting, says so on its card, and lets it go on at once', async () => {
    await rita.send('releases', '/deploy prod v1.8.0')
    const asked = await card(rita, /v1\.8\.0.*waiting for approval/s)
    await answered(ivy, '/ops lock prod because one moment')
    await marco.click('releases', 'Approve', { ts: asked.ts })
    await cardSays(rita, asked.ts, /Storefront in prod is locked by ivy since .*: one moment/)
    expect(await answered(rita, '/ops queue prod')).toMatch(/locked by ivy[\s\S]*1\. .*v1\.8\.0.*waiting/)
    const token = /shp_[\w-]+/.exec(await answered(rita, '/ops token'))?.[0] ?? ''
    const terminal = await runShipmate(['ops', 'locks'], { SHIPMATE_DIR: stage.dir, SHIPMATE_TOKEN: token })
    expect(terminal.out).toMatch(
      /locked by ivy since \d\d:\d\d: one moment[\s\S]*1\. #\d+ {2}deploy storefront v1\.8\.0/,
    )
    expect(await answered(marco, '/ops unlock prod')).toMatch(/takes a reason, which ivy is told/)
    expect(await answered(marco, '/ops unlock prod because ivy is at lunch')).toMatch(/Unlocked/)
    await cardSays(rita, asked.ts, /v1\.8\.0\*? is live in \*?prod/)
    expect(await servedVersion(stage)).toBe('v1.8.0')
  })
})
