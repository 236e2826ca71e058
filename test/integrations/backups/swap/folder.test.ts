import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ScratchYard } from '../../../../src/backups/engine.js'
import { createFolderSwap } from '../../../../src/integrations/backups/swap/folder.js'
import { contextFor } from '../../../support/backups/engine-rig.js'

// The order of names alone, with commands that do nothing: a real server goes through it in test/jobs/backups/restoring.test.ts.
describe('the folder of a server', () => {
  let place = ''
  let data = ''
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'shipmate-swap-'))
    data = join(place, 'data')
    await folder(data, 'old')
    await writeFile(join(data, 'postgresql.auto.conf'), "archive_mode = 'on'")
    await folder(join(place, 'scratch'), 'restored')
    await writeFile(join(place, 'scratch', 'postgresql.auto.conf'), "archive_mode = 'off'")
  })
  afterEach(() => rm(place, { recursive: true, force: true }))

  async function folder(path: string, what: string) {
    await mkdir(path)
    await writeFile(join(path, 'PG_VERSION'), '15')
    await writeFile(join(path, 'what'), what)
  }
  const what = (path: string) => readFile(join(path, 'what'), 'utf8')
  const nothing = { run: ['/bin/true'], within: 2_000 }
  const swap = () => createFolderSwap({ driver: 'folder', data, stop: nothing, start: nothing }, async () => true)
  const order = () => ({ run: 482, yard: {} as ScratchYard, folder: join(place, 'scratch') })
  const context = contextFor()

  test('the restored one takes the name, with the settings that the server has now; the old one is kept', async () => {
    await swap().stage(order(), context)
    expect(await swap().placed(482, context)).toBe('old')
    expect(await what(data)).toBe('old')
    await swap().swap(482, context)
    expect(await swap().placed(482, context)).toBe('restored')
    expect(await what(data)).toBe('restored')
    expect(await what(`${data}.before-482`)).toBe('old')
    expect(await readFile(join(data, 'postgresql.auto.conf'), 'utf8')).toMatch(/'on'/)
  })

  test('the archive hears of the timeline that goes live, unless it has already', async () => {
    const wal = join(place, 'scratch', 'pg_wal')
    await mkdir(join(wal, 'archive_status'), { recursive: true })
    for (const name of ['00000002.history', '00000003.history', '000000030000000000000007'])
      await writeFile(join(wal, name), '')
    await writeFile(join(wal, 'archive_status', '00000002.history.done'), '')
    await swap().stage(order(), context)
    await swap().swap(482, context)
    const status = await readdir(join(data, 'pg_wal', 'archive_status'))
    expect(status.sort()).toEqual(['00000002.history.done', '00000003.history.ready'])
  })

  test('done twice it is done once, and so is the way back, which keeps both', async () => {
    await swap().stage(order(), context)
    await swap().stage(order(), context)
    await swap().swap(482, context)
    await swap().swap(482, context)
    expect(await what(data)).toBe('restored')
    await swap().back(482, context)
    await swap().back(482, context)
    expect(await what(data)).toBe('old')
    expect(await what(`${data}.restored-482`)).toBe('restored')
  })

  test('cut off between the two names, whoever comes next goes on, or goes back', async () => {
    await swap().stage(order(), context)
    await rename(data, `${data}.before-482`)
    expect(await swap().placed(482, context)).toBe('between')
    await swap().swap(482, context)
    expect(await what(data)).toBe('restored')
    await rename(data, `${data}.restored-482`)
    await swap().back(482, context)
    expect(await what(data)).toBe('old')
    await rename(data, `${data}.before-482`)
    await swap().back(482, context)
    expect(await what(data)).toBe('old')
  })

  test('an undo before anything was renamed leaves the live data where it is and removes what was put beside it', async () => {
    await swap().stage(order(), context)
    await swap().back(482, context)
    await swap().unstage(482, context)
    expect(await what(data)).toBe('old')
    expect(existsSync(`${data}.next-482`)).toBe(false)
  })

  test('without the verified files nothing is stopped and nothing renamed', async () => {
    await rm(join(place, 'scratch'), { recursive: true })
    await expect(swap().stage(order(), context)).rejects.toMatchObject({ code: 'restore-scratch-gone' })
    await expect(swap().swap(482, context)).rejects.toMatchObject({ code: 'restore-scratch-gone' })
    expect(await what(data)).toBe('old')
  })

  test('a server that goes on running is not renamed away from under itself', async () => {
    await swap().stage(order(), context)
    await writeFile(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n`)
    await expect(swap().swap(482, context)).rejects.toMatchObject({ code: 'restore-server-runs' })
    expect(await what(data)).toBe('old')
  })

  test('tablespaces, a link and a missing command are told before anything is done', async () => {
    await mkdir(join(data, 'pg_tblspc', '16384'), { recursive: true })
    await expect(swap().ready(0, context)).rejects.toMatchObject({ code: 'restore-swap-not-ready' })
    await rm(join(data, 'pg_tblspc'), { recursive: true })
    await expect(swap().ready(0, context)).resolves.toMatchObject({ summary: expect.stringMatching(/room for both/) })
    await expect(swap().ready(Number.MAX_SAFE_INTEGER, context)).rejects.toMatchObject({
      came: expect.stringMatching(/are free/),
    })
  })
})
