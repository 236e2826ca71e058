import { afterAll, beforeAll, expect, it } from 'vitest'
import { answered } from '../support/answers.js'
import { wordsOf } from '../support/person.js'
import { card, cardSays, openStage, type Stage, servedVersion } from '../support/stage.js'
import { waitFor } from '../support/wait-for.js'

// Whoever is alone at night: the whole product, by messages and clicks.
let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

it('lets one person deploy alone when nobody answers, tells everybody, and has it reviewed by somebody else', async () => {
  const { marco, mina, rita } = stage
  await marco.send('releases', '/deploy prod v1.8.0')
  const asked = await card(marco, /v1\.8\.0.*waiting for approval/s)
  await marco.click('releases', 'Approve', { ts: asked.ts })
  await marco.seeMessage('releases', /You asked for this deploy, so your approval does not count/)

  expect(await answered(marco, '/ops oncall')).toMatch(
    /may decide alone in prod for 1 h at most: `?\/ops break-glass prod because/,
  )
  await marco.send('releases', '/ops break-glass prod for 30m because payments are down and nobody answers')
  const notice = await card(
    rita,
    /Glass is broken for storefront in prod: Marco decides there alone, for 30 min at most/i,
  )
  expect(wordsOf(notice)).toContain('Why: payments are down and nobody answers')
  const glass = await card(rita, /Glass is \*broken\* for storefront in \*prod\* · marco decides alone/i)
  expect(wordsOf(glass)).toMatch(/Broken until .*Close it as soon as it is not needed any more/)

  await marco.click('releases', 'Approve', { ts: asked.ts })
  const live = await cardSays(rita, asked.ts, /v1\.8\.0\*? is live in/)
  expect(wordsOf(live)).toMatch(/approved by marco alone, glass broken \(#\d+\)/i)
  expect(await servedVersion(stage)).toBe('v1.8.0')

  await marco.click('releases', 'Close it', { ts: glass.ts })
  const closed = await cardSays(rita, glass.ts, /is closed · waiting for its review/)
  expect(wordsOf(closed)).toMatch(
    /1 run under it: #\u200b?\d+ \(storefront v1\.8\.0 → prod\) approved alone, ended done/,
  )
  await marco.click('releases', 'It was right…', { ts: glass.ts })
  await marco.seeMessage('releases', /You asked for this break-glass, so your answer does not count/)
  await mina.click('releases', 'It was right…', { ts: glass.ts })
  await mina.seeModal(/right/i)
  await mina.submit({ reason: 'I slept; the card network was down' })
  const done = await cardSays(rita, glass.ts, /was broken, and the review found it right/)
  expect(wordsOf(done)).toMatch(/mina: I slept; the card network was down/i)
}, 180_000)

it('goes on when Shipmate dies while glass is broken, and closes it by itself', async () => {
  const { ivy, rita } = stage
  await ivy.send('releases', '/ops break-glass prod for 20s because the shop is slow')
  const glass = await card(rita, /ivy decides alone/i)
  await stage.kill()
  await stage.start()
  await cardSays(rita, glass.ts, /is closed · waiting for its review.*Nothing was decided under it/s, 90_000)
  const found = await waitFor('it is one of those that wait', async () => {
    await stage.mina.openHome()
    const home = await stage.mina.home()
    return home && /Glass for storefront/.test(wordsOf(home)) ? home : undefined
  })
  expect(wordsOf(found)).toMatch(/Glass for storefront in \*prod\* is closed · waiting for its review/)
}, 180_000)
