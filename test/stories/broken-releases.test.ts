import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wordsOf } from '../support/person.js'
import { deployed, openStage, type Stage, servedVersion } from '../support/stage.js'

describe('a release that is broken', () => {
  let stage: Stage

  beforeAll(async () => {
    // Long enough for one error in twenty to be seen, short enough not to wait for a release that never gets ready.
    stage = await openStage({
      visitors: 40,
      file: (text) => text.replace('for: 1s', 'for: 4s').replace('healthy: 20s', 'healthy: 6s'),
    })
  })
  afterAll(() => stage?.close())

  it('never gets traffic when it fails its health check, and the card says what serves and why', async () => {
    const seen = new Set<string>()
    const watching = setInterval(() => void servedVersion(stage).then((version) => seen.add(version)), 50)
    const card = await deployed(stage, 'v2.0.0-rc.1', /did \*?not\*? go live/)
    clearInterval(watching)
    const words = wordsOf(card)
    expect(words).toMatch(/v1\.7\.3\*? serves all traffic/)
    expect(words).toMatch(/Undone after/)
    expect(words).toMatch(/not ready|never|0 of 2|503/)
    expect([...seen]).toEqual(['v1.7.3'])
  })

  it('is taken back by itself when it answers errors, and the old version serves again', async () => {
    const card = await deployed(stage, 'v2.0.0-rc.2', /did \*?not\*? go live/)
    const words = wordsOf(card)
    expect(words).toMatch(/errors rose to [\d.]+ % \(limit 1 %\) at 50 % traffic/)
    expect(words).toMatch(/v1\.7\.3\*? serves all traffic/)
    expect(await servedVersion(stage)).toBe('v1.7.3')
  })
})
