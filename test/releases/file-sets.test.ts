import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isSet, policyAt, usersOf } from '../../src/releases/backups/backup-policy.js'
import { parseCatalogue } from '../../src/releases/catalogue-text.js'

const example = readFileSync('shipmate.example.yml', 'utf8')
const parsed = (text = example) => parseCatalogue(text, 'shipmate.yml', {})
const setText = (lines: string) => example.replace(/^ {2}uploads:\n[\s\S]*?\n(?=# Caches)/m, `${lines}\n`)
const set = (source: string, home = 'home: { service: storefront, environment: prod }', more = '') =>
  parsed(
    setText(
      `  files:\n    ${home}\n    engine: { restic: { repository: { path: /srv/b }, password: env:P, source: ${source} } }\n${more}`,
    ),
  )
const asDatabase = `backups:
  shop:
    home: { service: storefront, environment: prod }
    engine: { restic: { repository: { path: /b }, password: env:P, source: { folders: [/a] } } }
`
const mistakeOf = (make: () => unknown): string => {
  try {
    make()
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

test('a set of files is told at its home, and no database of a place is meant by it', () => {
  const catalogue = parsed()
  expect(usersOf(catalogue, 'uploads')).toEqual([{ service: 'storefront', environment: 'prod' }])
  expect(policyAt(catalogue, 'storefront', 'prod')?.database).toBe('shop')
  expect(catalogue.backups.uploads && isSet(catalogue.backups.uploads)).toBe(true)
  expect(catalogue.backups.uploads).toMatchObject({
    engine: {
      driver: 'restic',
      program: '/usr/bin/restic',
      repository: { kind: 'path', path: '/srv/backups/uploads' },
      password: 'env:RESTIC_PASSWORD',
      source: { kind: 'folders', folders: ['/srv/shop/uploads'] },
      ...{ sample: 50, shrinks: 0.5 },
    },
    schedule: { full: '0 3 * * *', incremental: null, drill: '0 5 * * 0' },
  })
})

test('left out, it is taken each night and drilled each week', () => {
  expect(set('{ folders: [/srv/a] }').backups.files).toMatchObject({
    schedule: { full: '0 2 * * *', incremental: null, drill: '0 4 * * 0', verify: null },
    engine: { sample: 50, shrinks: 0.5 },
  })
})

test('each kind of source is read as it is written', () => {
  const sourceOf = (text: string) => {
    const engine = set(text).backups.files?.engine
    return engine?.driver === 'restic' ? engine.source : null
  }
  expect(sourceOf('{ bucket: { bucket: u, endpoint: "http://s3:9000", accessKey: env:A, secretKey: env:B } }')).toEqual(
    {
      kind: 'bucket',
      from: {
        ...{ bucket: 'u', region: 'us-east-1', endpoint: 'http://s3:9000', prefix: '', pathStyle: true },
        ...{ accessKey: 'env:A', secretKey: 'env:B' },
      },
    },
  )
  expect(sourceOf('{ git: { repositories: [{ name: shop, url: "git@github.com:acme/shop.git" }] } }')).toEqual({
    kind: 'git',
    program: '/usr/bin/git',
    repositories: [{ name: 'shop', url: 'git@github.com:acme/shop.git', token: null }],
    documents: {
      ...{ links: true, reviewed: 180 * 86_400_000, outside: [] },
      runbooks: ['guides', 'runbooks', 'playbooks', 'operations'],
    },
  })
  expect(sourceOf('{ certificates: { pairs: [{ certificate: /a.pem, key: /a.key }] } }')).toEqual({
    kind: 'certificates',
    ...{ pairs: [{ certificate: '/a.pem', key: '/a.key' }], files: [] },
  })
  expect(sourceOf('{ configuration: { n8n: { url: "http://n8n:5678", key: env:N } } }')).toEqual({
    kind: 'configuration',
    ...{ files: [], answers: [], n8n: { url: 'http://n8n:5678', key: 'env:N' } },
  })
})

test.each([
  ['no home', () => set('{ folders: [/a] }', 'proven: 8d'), 'home, the place where its backups are told'],
  [
    'a home that is not there',
    () => set('{ folders: [/a] }', 'home: { service: shopp, environment: prod }'),
    'wanted a service, came "shopp"',
  ],
  [
    'two sources',
    () => set('{ folders: [/a], git: { repositories: [{ name: a, url: /a }] } }'),
    'exactly one of folders, bucket, git',
  ],
  ['no source', () => set('{ folders: [] }'), 'at least one folder'],
  [
    'a password in the clear',
    () => parsed(example.replace('password: env:RESTIC_PASSWORD', 'password: hunter2')),
    'a reference to a secret',
  ],
  [
    'the name of a database',
    () => parsed(example.replace(/^backups:\n[\s\S]*?\n(?=# Caches)/m, asDatabase)),
    'a name that no database has',
  ],
  [
    'a way to go live',
    () => set('{ folders: [/a] }', undefined, '    restore: { swap: { database: {} } }\n'),
    'restore for a database alone',
  ],
  [
    'a home for a database',
    () =>
      parsed(
        example.replace(
          /^ {2}shop:\n( {4}# One of six)/m,
          '  shop:\n    home: { service: storefront, environment: prod }\n$1',
        ),
      ),
    'home for Shipmate’s own database or a set of files alone',
  ],
])('%s is a mistake that is named', (_what, make, words) => {
  expect(mistakeOf(make)).toContain(words)
})
