import { describe, expect, test } from 'vitest'
import { byHand } from '../../src/backups/by-hand/by-hand.js'
import { exampleMoment, type HandScene, newestChain, usualPlace } from '../../src/backups/by-hand/hand.js'
import { command, secretInto, secretPlace, word } from '../../src/backups/by-hand/shell.js'
import type { KnownBackup } from '../../src/backups/known.js'
import type { BackupPolicy, EngineSettings, Storage } from '../../src/releases/backups/backup-policy.js'
import type { SetSource } from '../../src/releases/backups/files-policy.js'
import { backup, hour, policy } from '../support/backups/backups.js'

const now = new Date('2026-11-26T14:04:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const full = backup(ago(12 * hour))
const increment = backup(ago(hour), { kind: 'incremental', parent: full.label })

function scene(engine: EngineSettings, more: Partial<BackupPolicy> = {}, backups: KnownBackup[] = [full]): HandScene {
  const own = policy({ engine, ...more })
  return { policy: own, backups, spans: [{ from: ago(14 * 24 * hour), to: ago(60_000) }], ...usualPlace(own.database) }
}
const linesOf = (one: HandScene) => byHand(one)?.steps.flatMap(({ lines }) => lines) ?? []
const allOf = (one: HandScene) => JSON.stringify(byHand(one))

const bucket = {
  ...{ bucket: 'acme', region: 'eu-central-1', endpoint: 'https://s3.example.com', prefix: 'backups', pathStyle: true },
  ...{ accessKey: 'env:BACKUP_KEY', secretKey: 'file:/run/secrets/key' },
}
const path: Storage = { kind: 'path', path: '/srv/backups', compression: 'auto', encryption: null }
const s3: Storage = { kind: 's3', ...bucket, compression: 'auto', encryption: null }
const sealed: Storage = { ...path, encryption: 'env:PASSPHRASE' }
const pgbackrest: EngineSettings = {
  ...{ driver: 'pgbackrest', program: '/usr/bin/pgbackrest', config: null, stanza: 'shop', repository: 2 },
  ...{ user: 'postgres', bin: null },
}
const restic = (source: SetSource): EngineSettings => ({
  ...{
    driver: 'restic',
    program: '/usr/bin/restic',
    password: 'env:RESTIC_PASSWORD',
    source,
    sample: 50,
    shrinks: 0.5,
  },
  repository: { kind: 'path', path: '/srv/backups/uploads' },
})

describe('pgBackRest', () => {
  test('restores beside what serves, from the repository of the file, and says how a moment is named', () => {
    const hand = byHand(scene(pgbackrest))
    const restore = hand?.steps.find(({ what }) => what === 'Restore the latest moment.')
    expect(restore).toMatchObject({ as: 'server' })
    expect(restore?.lines.join('').replaceAll(' \\\n  ', ' ')).toBe(
      '/usr/bin/pgbackrest --config=/etc/pgbackrest/pgbackrest.conf --stanza=shop --repo=2 --pg1-path=/srv/restored/shop/data --tablespace-map-all=/srv/restored/shop/tablespaces --archive-mode=off --type=default restore',
    )
    expect(hand?.after).toEqual([
      "A moment instead of the latest, into a folder that is empty again: `--type=time --target='2026-11-26 14:02:00+00' --target-action=promote` in the place of --type=default.",
    ])
    expect(hand?.before.join(' ')).toContain('repo2-cipher-pass')
  })

  test('goes live as the file says, and the old data keeps a name', () => {
    const stop = { run: ['/usr/bin/systemctl', 'stop', 'postgresql@17-main'], within: 60_000 }
    const start = { run: ['/usr/bin/systemctl', 'start', 'postgresql@17-main'], within: 60_000 }
    const swap = { driver: 'folder' as const, data: '/var/lib/postgresql/17/main', stop, start }
    const lines = linesOf(scene(pgbackrest, { restore: { admin: null, swap, pause: { driver: 'server' } } }))
    expect(lines).toContain('mv /var/lib/postgresql/17/main /var/lib/postgresql/17/main.before-by-hand')
    expect(lines).toContain('mv /srv/restored/shop/data /var/lib/postgresql/17/main')
    expect(lines.at(-1)).toBe('/usr/bin/systemctl start postgresql@17-main')
    expect(lines.join('\n')).not.toMatch(/rm -r/)
  })
})

describe('the other engines', () => {
  test('PostgreSQL’s own tools put increments together, and copy what is a full one', () => {
    const native: EngineSettings = {
      ...{ driver: 'native', url: null, bin: '/usr/lib/postgresql/17/bin', archive: '/srv/wal', folder: '/srv/shop' },
      user: 'postgres',
    }
    expect(linesOf(scene(native)).join('\n')).toContain(
      `cp --archive --reflink=auto /srv/shop/backups/${full.label}/. /srv/restored/shop/data`,
    )
    const both = linesOf(scene(native, {}, [increment, full])).join('\n')
    expect(both).toContain('pg_combinebackup')
    expect(both).toMatch(new RegExp(`${full.label}[^]*${increment.label}`))
    expect(both).toContain('restore_command = \'cp "/srv/wal/%f" "%p"\'')
  })

  test('sealed files are read by Shipmate’s program alone, others by tar as well; keys of a bucket are asked for', () => {
    const embedded = (storage: Storage): EngineSettings => ({ driver: 'embedded', url: null, bin: null, storage })
    expect(linesOf(scene(embedded(sealed)))).toContain('npx shipmate restore-files shop --into /srv/restored/shop/data')
    expect(allOf(scene(embedded(sealed)))).not.toContain('tar -xf')
    expect(allOf(scene(embedded(sealed)))).toContain(
      'The passphrase is the variable PASSPHRASE in Shipmate’s environment',
    )
    expect(allOf(scene(embedded(path)))).toContain(
      `zstd -dcf /srv/backups/shop/backups/${full.label}/base.tar* | tar -xf - -C /srv/restored/shop/data`,
    )
    expect(allOf(scene(embedded(s3)))).toContain('s3://acme/backups/shop/backups/')
  })

  test('Shipmate’s own comes back by its own word', () => {
    const engine: EngineSettings = { driver: 'embedded', url: null, bin: null, storage: sealed }
    expect(linesOf(scene(engine, { database: 'shipmate' }))).toEqual([
      'npx shipmate restore-self --list',
      'npx shipmate restore-self --dry-run',
      'npx shipmate restore-self',
      'npm start',
    ])
  })

  test('a dump is loaded beside what serves', () => {
    const dump = (storage: Storage): EngineSettings => ({
      ...{ driver: 'dump', url: null, bin: '/usr/lib/postgresql/17/bin', storage, tables: [] },
    })
    expect(linesOf(scene(dump(path))).join('\n')).toContain(
      `zstd -dcf /srv/backups/shop/dumps/${full.label}/dump* > /srv/restored/shop/data/database.dump`,
    )
    expect(linesOf(scene(dump(sealed)))).toContain('npx shipmate restore-files shop --into /srv/restored/shop/data')
  })

  test.each<[string, SetSource, RegExp]>([
    [
      'folders',
      { kind: 'folders', folders: ['/srv/shop/uploads'] },
      /cp -a \/srv\/restored\/shop\/srv\/shop\/uploads\/\. /,
    ],
    [
      'git',
      {
        kind: 'git',
        program: '/usr/bin/git',
        repositories: [{ name: 'code', url: 'https://me:hush@git.example/a.git', token: null }],
        documents: { links: true, reviewed: null, runbooks: [], outside: [] },
      },
      /push --mirror https:\/\/git\.example\/a\.git/,
    ],
    ['certificates', { kind: 'certificates', pairs: [], files: [] }, /staged/],
    ['bucket', { kind: 'bucket', from: bucket }, /Objects lie below/],
  ])('restic brings back %s, and says where they go', (_name, source, says) => {
    const one = scene(restic(source))
    expect(linesOf(one)).toContain(`/usr/bin/restic restore ${full.label} --target /srv/restored/shop`)
    expect(allOf(one)).toMatch(says)
    expect(allOf(one)).not.toContain('hush')
  })

  test('Supabase restores by itself, with or without anything here', () => {
    const supabase: EngineSettings = {
      driver: 'supabase',
      project: 'abcdefghijklmnopqrst',
      token: 'env:T',
      url: 'https://x',
    }
    expect(allOf(scene(supabase, {}, []))).toContain('supabase.com/dashboard/project/abcdefghijklmnopqrst')
  })
})

test('without a sound backup there is nothing to bring back, and nothing is printed as if there were', () => {
  expect(byHand(scene(pgbackrest, {}, []))).toBeNull()
})

test('an increment whose full one is gone is not counted on', () => {
  expect(newestChain([increment, full]).map(({ label }) => label)).toEqual([full.label, increment.label])
  const orphan = backup(ago(60_000), { kind: 'incremental', parent: 'gone' })
  expect(newestChain([orphan, increment, full]).at(-1)).toBe(increment)
  expect(newestChain([orphan])).toEqual([])
})

test('the moment that is shown can be had', () => {
  expect(exampleMoment([])).toBeNull()
  expect(exampleMoment([{ from: now, to: now }])).toBeNull()
  expect(exampleMoment([{ from: ago(60_000), to: now }])).toEqual(ago(30_000))
})

test('a path stays one word to a shell, and a secret is named by where it lives', () => {
  expect(word("/srv/it's mine; rm -rf $HOME")).toBe("'/srv/it'\\''s mine; rm -rf $HOME'")
  expect(command('install', '-d', '')).toBe("install -d ''")
  expect(secretPlace('file:/run/secrets/key')).toBe('the file /run/secrets/key')
  expect(secretInto('KEY', 'file:/run/secrets/key')).toBe('export KEY="$(cat /run/secrets/key)"')
  expect(secretInto('KEY', 'env:OTHER')).toBe(
    "read -rsp 'the variable OTHER in Shipmate’s environment: ' KEY && export KEY",
  )
})
