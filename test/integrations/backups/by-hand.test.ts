import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byHand } from '../../../src/backups/by-hand/by-hand.js'
import { tarStep } from '../../../src/backups/by-hand/embedded.js'
import type { Hand, HandScene, HandStep } from '../../../src/backups/by-hand/hand.js'
import type { BackupEngine } from '../../../src/backups/engine.js'
import { systemClock } from '../../../src/clock.js'
import { freePort } from '../../../src/free-port.js'
import { createDumpEngine } from '../../../src/integrations/backups/dump/dump.js'
import { runsAs } from '../../../src/integrations/backups/programs.js'
import { createFoldersSource } from '../../../src/integrations/backups/restic/sources/folders.js'
import { openVault } from '../../../src/integrations/backups/storage/settings.js'
import { silentLog } from '../../../src/log.js'
import type { BackupPolicy, Storage } from '../../../src/releases/backups/backup-policy.js'
import { findPostgres } from '../../../src/store/embedded/postgres-program.js'
import { policy } from '../../support/backups/backups.js'
import { type EmbeddedRig, embeddedRig } from '../../support/backups/embedded-rig.js'
import { archived, contextFor, layTables, mark, markersOf, rowsOf } from '../../support/backups/engine-rig.js'
import { installedPostgres } from '../../support/backups/local-server.js'
import { type NativeRig, nativeRig } from '../../support/backups/native-rig.js'
import { type PgBackRestRig, pgBackRestRig } from '../../support/backups/pgbackrest-rig.js'
import { backedUpText } from '../../support/backups/plain-place.js'
import { resticSettings } from '../../support/backups/restic-remake.js'
import { type ResticSet, resticSet } from '../../support/backups/restic-set.js'
import { requirePart } from '../../support/parts.js'
import { shopEnv } from '../../support/shop.js'
import { plainEnv } from '../../support/stage.js'

// What the handbook prints is pasted into a real shell, line by line, as the user that it names.
const bin = installedPostgres()
const isRoot = process.getuid?.() === 0
const user = isRoot ? 'postgres' : userInfo().username
const run = promisify(execFile)
const main = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url))

async function pasted(lines: string[], as: Hand, env: { [name: string]: string } = {}): Promise<string> {
  const shell = as === 'server' ? runsAs('postgres') : undefined
  const words = lines.map((line) => line.replaceAll('npx shipmate', `${process.execPath} ${main}`))
  const given = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin', LC_ALL: 'C', HOME: '/tmp', ...env }
  const { stdout } = await run('bash', ['--norc', '-euo', 'pipefail', '-c', words.join('\n')], {
    ...shell,
    cwd: '/',
    env: given,
  })
  return stdout
}

const allOf = async (steps: HandStep[], env?: { [name: string]: string }): Promise<string[]> => {
  const said: string[] = []
  for (const { lines, as } of steps) said.push(await pasted(lines, as, env))
  return said
}

async function sceneOf(engine: BackupEngine, own: Partial<BackupPolicy>, into: string): Promise<HandScene> {
  const { backups, spans } = await engine.holding(contextFor())
  const known = { database: 'shop', verifiedAt: new Date(), defects: [], provenAt: null, provenBy: null }
  return {
    policy: policy(own),
    backups: backups.map((one) => ({ ...one, ...known, goneAt: null, cost: null })),
    spans,
    into,
    port: await freePort(),
  }
}

const handOf = (scene: HandScene) => {
  const hand = byHand(scene)
  if (!hand) throw new Error('there is nothing to bring back')
  return hand
}

/** The steps without what puts it live. */
const untilLooked = (steps: HandStep[]) => steps.slice(0, steps.findIndex(({ what }) => /^Look:/.test(what)) + 1)

const program = requirePart('pgbackrest')

describe.skipIf(!program || !bin)('the lines for pgBackRest', () => {
  let rig: PgBackRestRig
  let own: Partial<BackupPolicy>

  beforeAll(async () => {
    rig = await pgBackRestRig(bin ?? '', program ?? '', { ownDisk: false })
    await layTables(rig.url)
    await rowsOf(rig.url, 'create database shop')
    await rig.engine.take({ kind: 'full', key: 'by hand', run: 1 }, contextFor())
    const { data } = rig.server
    const ctl = [...(isRoot ? ['runuser', '-u', 'postgres', '--'] : []), join(bin ?? '', 'pg_ctl'), '-D', data, '-w']
    own = {
      engine: {
        ...{ driver: 'pgbackrest', program: program ?? '', config: rig.config, stanza: 'main' },
        ...{ repository: 1, user, bin },
      },
      restore: {
        admin: null,
        swap: {
          driver: 'folder',
          data,
          stop: { run: [...ctl, '-m', 'fast', 'stop'], within: 60_000 },
          start: { run: [...ctl, '-l', join(data, 'started-by-hand.log'), 'start'], within: 60_000 },
        },
        pause: { driver: 'server' },
      },
    }
  })
  afterAll(() => rig?.close())

  const into = (name: string) => join(rig.server.dir, name)

  test('bring back a moment that it names, and what came after it is not there', async () => {
    await systemClock.sleep(1_500)
    const before = await mark(rig.url, 'before the moment')
    await mark(rig.url, 'after the moment')
    await archived(rig.url)
    const scene = await sceneOf(rig.engine, own, into('a-moment'))
    // The page shows a moment of its own, to the second; this test needs one whose neighbours it knows.
    const at = before.at.toISOString().replace('T', ' ').replace('Z', '+00')
    const spans = [{ from: new Date(before.at.getTime() - 3_600_000), to: before.at }]
    const [sentence = ''] = handOf({ ...scene, spans }).after
    const words = /`(--type=time .+)`/.exec(sentence)?.[1]?.replace(/--target='[^']+'/, `--target='${at}'`)
    expect(words).toContain('--target-action=promote')
    const steps = untilLooked(handOf(scene).steps).map((step) => {
      return { ...step, lines: step.lines.map((line) => line.replace('--type=default', words ?? '')) }
    })
    const said = await allOf(steps)
    expect(said[0]).toMatch(/stanza: main\n\s+status: ok/)
    expect(said.at(-1)).toMatch(/^f\n[\s\S]* shop /)
    const there = `postgres://postgres@/postgres?host=${encodeURIComponent(scene.into)}&port=${scene.port}`
    expect(await markersOf(there)).toEqual(['before the moment'])
    // One database of it beside the live one: what is printed where the file names no swap of folders.
    await rowsOf(there.replace('/postgres?', '/shop?'), 'create table orders as select 7 as total')
    const carried = handOf({ ...scene, policy: { ...scene.policy, restore: null } }).steps.at(-1)
    const live = { PGHOST: rig.server.socketFolder, PGPORT: String(rig.server.port), PGUSER: 'postgres' }
    await allOf(carried ? [carried] : [], live)
    const shop = rig.url.replace(/\/postgres$/, '/shop')
    expect(await rowsOf(shop, 'select total from orders')).toEqual([{ total: 7 }])
    expect(await rowsOf(rig.url, "select 1 as kept from pg_database where datname = 'shop_before'")).toHaveLength(1)
    await pasted([`${bin}/pg_ctl -D ${scene.into}/data -m fast -w stop`], 'server')
  })

  test('bring back the latest moment, put it live beside the old data, and backups go on from there', async () => {
    await mark(rig.url, 'the last one')
    await archived(rig.url)
    await rowsOf(rig.url, 'drop table moves')
    const scene = await sceneOf(rig.engine, own, into('live'))
    await allOf(handOf(scene).steps)
    expect(await markersOf(rig.url)).toContain('the last one')
    expect(existsSync(`${rig.server.data}.before-by-hand/PG_VERSION`)).toBe(true)
    expect(existsSync(`${scene.into}/data`)).toBe(false)
    expect(await rowsOf(rig.url, 'show archive_mode')).toEqual([{ archive_mode: 'on' }])
    await archived(rig.url)
    const next = await rig.engine.take({ kind: 'full', key: 'after', run: 2 }, contextFor())
    expect(next.faults).toEqual([])
    const { archive } = await rig.engine.holding(contextFor())
    expect(archive).toMatchObject({ missing: [], failing: null })
  })
})

describe.skipIf(!bin)('the lines for the engine without programs', () => {
  const rigs: EmbeddedRig[] = []
  const folders: string[] = []
  afterAll(async () => {
    for (const rig of rigs) await rig.close()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  async function place(encrypted: boolean) {
    const rig = await embeddedRig({ encrypted, ownDisk: false })
    rigs.push(rig)
    await layTables(rig.url)
    await mark(rig.url, 'in the full one')
    await rig.engine.take({ kind: 'full', key: 'full', run: 1 }, contextFor())
    const increment = await mark(rig.url, 'in the increment')
    await rig.engine.take({ kind: 'incremental', key: 'increment', run: 2 }, contextFor())
    await mark(rig.url, 'in the WAL')
    await archived(rig.url)
    await rig.engine.holding(contextFor())
    await rig.place.stopServer()
    const dir = mkdtempSync(join(tmpdir(), 'shipmate-hand-'))
    folders.push(dir)
    chmodSync(dir, 0o755)
    const { postgres } = findPostgres(silentLog)
    const storage: Storage = {
      ...{ kind: 'path', path: rig.place.storage, compression: 'auto' },
      encryption: encrypted ? `file:${join(dir, 'secret')}` : null,
    }
    writeFileSync(join(dir, 'secret'), 'thirty-two characters of a secret')
    const own: Partial<BackupPolicy> = {
      engine: { driver: 'embedded', url: null, bin: dirname(postgres), storage },
      scratch: { folder: null, superuser: 'shipmate', preload: [] },
    }
    const file = join(dir, 'shipmate.yml')
    const sealed = encrypted ? `, encryption: "${storage.encryption}"` : ''
    writeFileSync(file, backedUpText().replace('{ path: /srv/backups }', `{ path: ${rig.place.storage}${sealed} }`))
    const env = { ...plainEnv(), ...shopEnv, SHIPMATE_CONFIG: file }
    return { dir, env, increment, scene: await sceneOf(rig.engine, own, join(dir, 'back')) }
  }
  const there = ({ into, port }: HandScene) =>
    `postgres://shipmate@/postgres?host=${encodeURIComponent(into)}&port=${port}`
  const stopped = ({ into, policy: { engine } }: HandScene) =>
    pasted([`${'bin' in engine ? engine.bin : ''}/pg_ctl -D ${into}/data -m fast -w stop`], 'server')

  test('bring back the latest moment from an encrypted storage, while neither Shipmate nor the server runs', async () => {
    const { env, scene, increment, dir } = await place(true)
    const said = await allOf(untilLooked(handOf(scene).steps), env)
    expect(said[0]).toMatch(/^2 backups of shop in the folder .*:\n.* · incremental · /)
    expect(said[2]).toMatch(/ are in .*\/back\/data, after .*\n {2}Start a server on it: /)
    expect(said.at(-1)).toMatch(/^f\n/)
    expect(await markersOf(there(scene))).toEqual(['in the full one', 'in the increment', 'in the WAL'])
    await stopped(scene)
    const then = { ...scene, into: join(dir, 'then') }
    const toThen = untilLooked(handOf(then).steps).map((step) => ({
      ...step,
      lines: step.lines.map((line) =>
        line.replace(/(restore-files .* --into .*)/, `$1 --to ${increment.at.toISOString()}`),
      ),
    }))
    await allOf(toThen, env)
    expect(await markersOf(there(then))).toEqual(['in the full one', 'in the increment'])
    await stopped(then)
    // What is there is never written over, and a wrong word is answered.
    await expect(
      pasted([`npx shipmate restore-files shop --into ${scene.into}/data`], 'shipmate', env),
    ).rejects.toThrow(/is not empty, and nothing is written over/)
    await expect(pasted(['npx shipmate restore-files shop'], 'shipmate', env)).rejects.toThrow(
      /Nothing says where the files go/,
    )
    await expect(pasted(['npx shipmate restore-files shipmate --list'], 'shipmate', env)).rejects.toThrow(
      /restore-self/,
    )
  })

  test.skipIf(!requirePart('zstd'))(
    'without encryption, tar alone brings back the end of the newest full backup',
    async () => {
      const { scene } = await place(false)
      const { engine } = scene.policy
      const step = engine.driver === 'embedded' ? tarStep(engine.storage, scene) : null
      const [, room, , start, look] = handOf(scene).steps
      await allOf([room, step, start, look].flatMap((one) => one ?? []))
      expect(await markersOf(there(scene))).toEqual(['in the full one'])
      await stopped(scene)
      expect(handOf(scene).after.join('\n')).toContain(step?.lines.at(-1))
    },
  )
})

describe.skipIf(!bin)('the lines for PostgreSQL’s own tools', () => {
  let rig: NativeRig
  const dumps = mkdtempSync(join(tmpdir(), 'shipmate-hand-dump-'))
  beforeAll(async () => {
    rig = await nativeRig(bin ?? '', [], { ownDisk: false })
    await layTables(rig.url)
  })
  afterAll(async () => {
    await rig?.close()
    rmSync(dumps, { recursive: true, force: true })
  })

  test('put a copy back and follow the archive to its end', async () => {
    await mark(rig.url, 'in the copy')
    await rig.engine.take({ kind: 'full', key: 'copy', run: 1 }, contextFor())
    await mark(rig.url, 'in the archive')
    await archived(rig.url)
    const { archive, folder } = rig
    const engine = { driver: 'native' as const, url: null, bin: bin ?? '', archive, folder, user }
    const scene = await sceneOf(rig.engine, { engine }, join(rig.server.dir, 'back'))
    expect((await allOf(untilLooked(handOf(scene).steps))).at(-1)).toMatch(/^f\n/)
    const there = `postgres://postgres@/postgres?host=${encodeURIComponent(scene.into)}&port=${scene.port}`
    expect(await markersOf(there)).toEqual(['in the copy', 'in the archive'])
    await pasted([`${bin}/pg_ctl -D ${scene.into}/data -m fast -w stop`], 'server')
  })

  test.skipIf(!requirePart('zstd'))('load a dump into a database beside the one that serves', async () => {
    chmodSync(dumps, 0o755)
    const at = { kind: 'local' as const, path: join(dumps, 'storage') }
    const vault = await openVault({ at, compression: 'auto', encryption: null }, 'shop', async () => '')
    const taken = createDumpEngine({ database: 'shop', url: async () => rig.url, vault, bin: bin ?? '', tables: null })
    await taken.take({ kind: 'full', key: 'dump', run: 1 }, contextFor())
    const storage: Storage = { kind: 'path', path: at.path, compression: 'auto', encryption: null }
    const engine = { driver: 'dump' as const, url: null, bin: bin ?? '', storage, tables: [] }
    const live = { PGHOST: rig.server.socketFolder, PGPORT: String(rig.server.port), PGUSER: 'postgres' }
    await allOf(handOf(await sceneOf(taken, { engine }, join(dumps, 'back'))).steps, live)
    const beside = rig.url.replace(/\/postgres$/, '/shop_restored')
    expect(await rowsOf(beside, 'select count(*)::int as rows from accounts')).toEqual([{ rows: 20_000 }])
  })
})

const restic = requirePart('restic')

describe.skipIf(!restic)('the lines for restic', () => {
  let set: ResticSet
  afterAll(() => set?.close())

  test('bring the newest backup of folders back, and to their place', async () => {
    set = resticSet('uploads', ({ folder }) => createFoldersSource([join(folder, 'uploads')]))
    const uploads = join(set.folder, 'uploads')
    mkdirSync(uploads)
    writeFileSync(join(uploads, "it's a photo.jpg"), 'as it was')
    await set.take()
    rmSync(uploads, { recursive: true })
    writeFileSync(join(set.folder, 'password'), 'a password of the tests')
    const engine = resticSettings(restic ?? '', set.repository, {
      password: `file:${join(set.folder, 'password')}`,
      source: { kind: 'folders', folders: [uploads] },
    })
    const hand = handOf(await sceneOf(set.engine, { engine }, join(set.folder, 'restored')))
    // One shell for all, as the page says: what was exported holds on.
    const lines = hand.steps.flatMap((step) => step.lines)
    const [, place = ''] = /^Back to their place: `(.+)`$/.exec(hand.after[0] ?? '') ?? []
    expect(await pasted([...lines, `mkdir ${uploads}`, place], 'root')).toMatch(/snapshots/)
    expect(readFileSync(join(uploads, "it's a photo.jpg"), 'utf8')).toBe('as it was')
  })
})
