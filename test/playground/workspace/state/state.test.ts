import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openState } from '../../../../playground/workspace/state/state.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'state-'))
})
afterEach(() => rm(dir, { recursive: true }))

const open = (now = 1_000_000) => openState(dir, () => now)
const message = (ts: string, text: string, thread_ts?: string) => ({ ts, channel: 'C1', user: 'U1', text, thread_ts })

describe('what the workspace remembers', () => {
  it('is there again after it was opened anew, changed and deleted rows included', () => {
    const before = open()
    before.messages.put(message('1.000001', 'first'))
    before.messages.put(message('2.000001', 'second'))
    before.messages.put(message('1.000001', 'changed'))
    before.messages.remove('C1', '2.000001')
    const after = open()
    expect(after.messages.in('C1').map((row) => row.text)).toEqual(['changed'])
  })

  it('survives a last line that was cut in the middle', async () => {
    open().messages.put(message('1.000001', 'whole'))
    await appendFile(join(dir, 'journal.ndjson'), '{"table":"messages","id":"C1:2.0000')
    expect(open().messages.all()).toHaveLength(1)
  })

  it('is written once a row when it is opened, however often the row had changed', async () => {
    const before = open()
    for (let turn = 0; turn < 50; turn++) before.messages.put(message('1.000001', `turn ${turn}`))
    open()
    expect((await readFile(join(dir, 'journal.ndjson'), 'utf8')).trim().split('\n')).toHaveLength(1)
  })

  it('gives every message a later ts than any before, even when time stood still or went back', () => {
    const before = open(2_000_000)
    const ts = [before.ids.ts(), before.ids.ts()]
    before.messages.put(message(ts[1] ?? '', 'latest'))
    const later = open(1_000_000).ids.ts()
    expect([...ts, later]).toEqual([...ts, later].toSorted((a, b) => Number(a) - Number(b)))
    expect(new Set([...ts, later]).size).toBe(3)
  })

  it('keeps a thread together', () => {
    const { messages } = open()
    messages.put(message('1.000001', 'parent'))
    messages.put(message('2.000001', 'reply', '1.000001'))
    messages.put(message('3.000001', 'gone', '1.000001'))
    messages.remove('C1', '3.000001')
    expect(messages.replies('C1', '1.000001').map((row) => row.text)).toEqual(['reply'])
  })
})
