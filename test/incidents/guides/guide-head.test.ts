import { expect, test } from 'vitest'
import { guideHead } from '../../../src/incidents/guides/guide-head.js'
import { readGuideFolder } from '../../../src/integrations/guide-folder.js'
import { readGuideHeads } from '../../../src/integrations/guide-heads.js'

test('the heads of the shipped guides say what reading them whole says', async () => {
  const whole = (await readGuideFolder()).guides.map(({ guide }) => ({
    ...{ name: guide.name, title: guide.title, for: guide.for },
    from: 'shipped',
  }))
  const heads = await readGuideHeads()
  expect(whole.length).toBeGreaterThan(10)
  expect(heads.sort((a, b) => a.name.localeCompare(b.name))).toEqual(whole)
})

test('a text without a title, or with a front matter that cannot be read, has no head', () => {
  expect(guideHead('## 1. Check: it works\n', 'a')).toBeNull()
  expect(guideHead('---\nalerts: [x\n---\n# A\n', 'a')).toBeNull()
  expect(guideHead('---\nalerts: 7\n---\n# A\n', 'a')).toBeNull()
  expect(guideHead('\uFEFF---\r\nalerts: [X]\r\n---\r\n# A `b` #\r\n', 'a')).toMatchObject({
    title: 'A b',
    for: { alerts: ['X'], services: [], symptoms: [] },
  })
})
