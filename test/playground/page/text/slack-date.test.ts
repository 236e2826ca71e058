import { describe, expect, test } from 'vitest'
import { dayName, formatSlackDate } from '../../../../playground/page/text/slack-date.js'

const zone = { timeZone: 'Europe/London', hour12: true }
const at = (iso: string) => Date.parse(iso) / 1000
const now = Date.parse('2026-03-10T12:00:00Z')
const moment = at('2026-03-08T18:39:42Z')

describe("Slack's date tokens", () => {
  test.each([
    ['{date_num}', '2026-03-08'],
    ['{date_slash}', '03/08/2026'],
    ['{date}', 'March 8th'],
    ['{date_short}', 'Mar 8'],
    ['{date_long}', 'Sunday, March 8th'],
    ['{time}', '6:39 PM'],
    ['{time_secs}', '6:39:42 PM'],
    ['{date_short} at {time}', 'Mar 8 at 6:39 PM'],
    ['{ago}', '1 day ago'],
    ['until {unknown}', 'until {unknown}'],
  ])('%s is written as %s', (format, written) => {
    expect(formatSlackDate(format, moment, now, zone).replaceAll('\u202f', ' ')).toBe(written)
  })

  test('a day more than half a year away has its year', () => {
    expect(formatSlackDate('{date_long}', at('2014-02-18T12:00:00Z'), now, zone)).toBe('Tuesday, February 18th, 2014')
  })

  test('near days have names, with a capital where the text begins with them', () => {
    expect(formatSlackDate('{date_pretty}', at('2026-03-10T01:00:00Z'), now, zone)).toBe('Today')
    expect(formatSlackDate('until {date_short_pretty}', at('2026-03-11T01:00:00Z'), now, zone)).toBe('until tomorrow')
    expect(dayName(Date.parse('2026-03-09T23:59:00Z'), now, zone)).toBe('Yesterday')
  })

  test('the day is the one on the calendar of the reader', () => {
    const lateInSeoul = at('2026-03-10T15:30:00Z')
    expect(formatSlackDate('{date_pretty}', lateInSeoul, now, { timeZone: 'Asia/Seoul' })).toBe('Tomorrow')
  })

  test('days stay apart over both changes of the clock', () => {
    const spring = Date.parse('2026-03-29T00:30:00Z')
    expect(dayName(spring, Date.parse('2026-03-30T23:30:00Z'), { timeZone: 'Europe/Berlin' })).toBe(
      'Sunday, March 29th',
    )
    expect(dayName(spring, Date.parse('2026-03-30T12:00:00Z'), { timeZone: 'Europe/Berlin' })).toBe('Yesterday')
  })

  test.each([
    [1, 'March 1st'],
    [2, 'March 2nd'],
    [3, 'March 3rd'],
    [11, 'March 11th'],
    [22, 'March 22nd'],
  ])('the %i of a month is %s', (day, written) => {
    expect(formatSlackDate('{date}', at(`2026-03-${String(day).padStart(2, '0')}T12:00:00Z`), now, zone)).toBe(written)
  })
})
