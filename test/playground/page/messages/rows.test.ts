import { describe, expect, test } from 'vitest'
import { rowsOf, withNotices } from '../../../../playground/page/messages/rows.js'
import type { Message } from '../../../../playground/workspace/protocol.js'

const zone = { timeZone: 'Etc/UTC' }
const noon = Date.parse('2026-03-10T12:00:00Z') / 1000

const message = (seconds: number, user: string, more: Partial<Message> = {}): Message => ({
  ts: `${noon + seconds}.000100`,
  channel: 'C1',
  user,
  text: 'x',
  ...more,
})

const kinds = (messages: Message[], lastRead?: string) =>
  rowsOf(messages, { me: 'ME', lastRead, zone }).map((row) =>
    row.kind === 'message' ? (row.compact ? 'under' : 'message') : row.kind,
  )

describe('the rows of a message list', () => {
  test('messages of one person within five minutes stand under one name', () => {
    expect(kinds([message(0, 'A'), message(60, 'A'), message(70, 'B'), message(80, 'B')])).toEqual([
      'day',
      'message',
      'under',
      'message',
      'under',
    ])
    expect(kinds([message(0, 'A'), message(400, 'A')])).toEqual(['day', 'message', 'message'])
  })

  test('every day begins with its name', () => {
    expect(kinds([message(0, 'A'), message(86_400, 'A')])).toEqual(['day', 'message', 'day', 'message'])
  })

  test('system lines and ephemeral messages stand alone', () => {
    expect(
      kinds([message(0, 'A'), message(1, 'A', { subtype: 'channel_topic' }), message(2, 'A', { ephemeral: true })]),
    ).toEqual(['day', 'message', 'message', 'message'])
  })

  test('a line stands before the first message that was not read', () => {
    const messages = [message(0, 'A'), message(10, 'A'), message(20, 'A')]
    expect(kinds(messages, messages[0]?.ts)).toEqual(['day', 'message', 'new', 'message', 'under'])
    expect(kinds(messages, messages[2]?.ts)).toEqual(['day', 'message', 'under', 'under'])
  })

  test("one's own message is never new", () => {
    const messages = [message(0, 'A'), message(10, 'ME'), message(20, 'A')]
    expect(kinds(messages, messages[0]?.ts)).not.toContain('new')
  })

  test("Slack's own lines stand where they were said, and the name comes back after them", () => {
    const rows = rowsOf([message(0, 'A'), message(20, 'A')], { me: 'ME', zone })
    const notice = (id: number, seconds: number) => ({
      id,
      text: 'failed',
      channel: 'C1',
      atMs: (noon + seconds) * 1000,
    })
    const merged = withNotices(rows, [notice(1, 10), notice(2, 30)])
    expect(merged.map((row) => row.kind)).toEqual(['day', 'message', 'notice', 'message', 'notice'])
    expect(merged[3]).toMatchObject({ compact: false })
  })
})
