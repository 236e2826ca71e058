import { describe, expect, test } from 'vitest'
import { mergeWords, notWorthIt, reviewWords, type TableReview } from '../../src/backups/tables.js'

const review = (more: Partial<TableReview> = {}): TableReview => ({
  ...{ table: 'orders', was: 2345, now: 2000, gone: 345, changed: 2, fresh: 12, leftOut: [], onlyToSee: null },
  ...more,
})

describe('what is said of tables then and now', () => {
  test.each([
    [review(), 'orders: 345 gone, 2 changed, 12 new since'],
    [review({ gone: 0, changed: 0 }), 'orders: as it was, and 12 new since'],
    [review({ gone: 0, changed: 0, fresh: 0 }), 'orders: as it was'],
    [review({ now: null }), 'orders: not there now, 2,345 rows then; only to look at'],
    [review({ onlyToSee: 'it has no key' }), 'orders: 2,345 rows then, 2,000 now; only to look at: it has no key'],
  ])('%#: %s', (one, words) => {
    expect(reviewWords(one)).toBe(words)
  })

  test('a merge says what comes back, and what stays', () => {
    expect(mergeWords([review()], 'gone')).toBe('345 rows come back; 2 that changed stay as they are now')
    expect(mergeWords([review({ gone: 1, changed: 0 })], 'gone')).toBe('1 row comes back; what is new stays')
    expect(mergeWords([review(), review({ now: null, gone: 0 })], 'all')).toBe(
      '345 rows come back, 2 are set back; what is new stays',
    )
  })

  test('where a merge would change nothing people are not asked, and hear what they can do', () => {
    const changedOnly = [review({ gone: 0 })]
    expect(notWorthIt(changedOnly, 'all')).toBe(null)
    expect(notWorthIt(changedOnly, 'gone')).toEqual({
      why: 'nothing can be brought back: orders: 0 gone, 2 changed, 12 new since',
      next: 'Ask with the words "and changes" to set changed rows back.',
    })
    expect(notWorthIt([review({ now: null })], 'all')?.next).toMatch(/the whole database/)
    expect(notWorthIt([review({ gone: 0, changed: 0 })], 'all')?.next).toBe('Choose an earlier moment.')
  })
})
