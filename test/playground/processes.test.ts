import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  findByMark,
  identify,
  isAlive,
  type ProcessId,
  startDetached,
  stopProcess,
} from '../../playground/processes.js'
import { waitFor } from '../support/wait-for.js'

let dir: string
let started: ProcessId[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shipmate-process-'))
})
afterEach(async () => {
  await Promise.all(started.map((id) => stopProcess(id, 0)))
  started = []
  rmSync(dir, { recursive: true, force: true })
})

function run(code: string, mark: string = randomUUID()): ProcessId {
  const script = join(dir, `${mark}.mjs`)
  writeFileSync(script, code)
  const id = startDetached({ script, args: [mark], env: { PATH: process.env.PATH ?? '' }, logFile: join(dir, 'log') })
  if (id === null) throw new Error('not started')
  started.push(id)
  return id
}

test('a process is known by its number and its start', () => {
  const id = run('setInterval(() => {}, 1000)')
  expect(isAlive(id)).toBe(true)
  expect(identify(id.pid)).toEqual(id)
  expect(isAlive({ ...id, startedAt: '1' })).toBe(false)
})

test('a process whose number was never written down is found by its mark', async () => {
  const mark = randomUUID()
  const id = run('setInterval(() => {}, 1000)', mark)
  await waitFor('the mark', () => findByMark(mark) !== null)
  expect(findByMark(mark)).toEqual(id)
  expect(findByMark(randomUUID())).toBeNull()
})

test('stopping is gentle first, and hard when that does not help', async () => {
  expect(await stopProcess(run('setInterval(() => {}, 1000)'), 5000)).toBe('gone')
  const mark = randomUUID()
  const deaf = run(
    `process.on('SIGTERM', () => {}); (await import('node:fs')).writeFileSync('${dir}/deaf', ''); setInterval(() => {}, 1000)`,
    mark,
  )
  await waitFor('deaf', () => import('node:fs').then(({ existsSync }) => existsSync(join(dir, 'deaf'))))
  expect(await stopProcess(deaf, 100)).toBe('killed')
  expect(isAlive(deaf)).toBe(false)
})
