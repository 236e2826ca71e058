import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { statusLines } from '../../../../src/backups/status.js'
import { momentIn } from '../../../../src/backups/window.js'
import { systemClock } from '../../../../src/clock.js'
import { judged, type Tree } from '../../../../src/integrations/backups/restic/documents/broken.js'
import { documentNotes } from '../../../../src/integrations/backups/restic/documents/documents.js'
import { readDocument, slugOf } from '../../../../src/integrations/backups/restic/documents/links.js'
import { createGitSource } from '../../../../src/integrations/backups/restic/sources/git.js'
import type { DocumentSettings } from '../../../../src/releases/backups/files-policy.js'
import { parseCatalogue } from '../../../../src/releases/catalogue-text.js'
import { backup, policy } from '../../../support/backups/backups.js'
import { type ResticSet, resticSet } from '../../../support/backups/restic-set.js'
import { requirePart } from '../../../support/parts.js'
import { shopEnv, shopText } from '../../../support/shop.js'

const documentsIn = (texts: { [path: string]: string }) =>
  new Map(Object.entries(texts).map(([path, text]) => [path, readDocument(text)]))

function brokenIn(texts: { [path: string]: string }, files: string[] = [], more: Partial<Tree> = {}): string[] {
  const tree: Tree = { files: new Set([...Object.keys(texts), ...files]), elsewhere: [], ...more }
  return judged(documentsIn(texts), tree).broken.map(({ path, line, target }) => `${path}:${line} ${target}`)
}

describe('links inside', () => {
  test('to files that are not there are found with their line; those that are there are none', () => {
    const text = [
      '# Home',
      '[there](docs/a.md) [not](docs/b.md) ![picture](./docs/p.png) ![gone](docs/q.png)',
      '[folder](docs/) [folder](docs) [top](/docs/a.md) [none](/docs/none.md)',
      '[by reference][one]',
      '',
      '[one]: docs/gone.md "A title"',
      '<a href="docs/also-gone.md">x</a>',
    ].join('\n')
    expect(
      brokenIn({ 'README.md': text, 'docs/a.md': '[up](../README.md) [bad](../LICENSE)' }, ['docs/p.png']),
    ).toEqual([
      'README.md:2 docs/b.md',
      'README.md:2 docs/q.png',
      'README.md:3 /docs/none.md',
      'README.md:6 docs/gone.md',
      'README.md:7 docs/also-gone.md',
      'docs/a.md:1 ../LICENSE',
    ])
  })

  test('to headings go by the names that GitHub gives them', () => {
    const target = '# What’s new: 1 & 2\n\n## `code` _here_\n\nAgain\n-----\n\n## Again\n\n<a name="by-hand"></a>\n'
    const links = ['whats-new-1--2', 'code-here', 'again', 'again-1', 'by-hand', 'AGAIN', 'top', 'again-2', 'other']
    const text = links.map((anchor) => `[x](b.md#${anchor})`).join('\n\n')
    expect(brokenIn({ 'a.md': text, 'b.md': target })).toEqual(['a.md:15 b.md#again-2', 'a.md:17 b.md#other'])
    expect(brokenIn({ 'a.md': '# Own\n\n[x](#own) [y](#not)' })).toEqual(['a.md:3 #not'])
    expect(slugOf('Über_uns – ok?')).toBe('über_uns--ok')
  })

  test('what no repository can tell is nobody’s fault', () => {
    const text =
      '[a](mailto:a@b.c) [b](https://x.y/z) [c](//x.y) [d](../../issues) [e](code.ts#L10) [f](a.md?plain=1#L2) [g](sub/x.md) `[h](gone.md)` [i](with%20blank.md) []()'
    const tree = { elsewhere: ['sub'] }
    expect(brokenIn({ 'a.md': text }, ['code.ts', 'with blank.md', 'sub'], tree)).toEqual([])
    expect(brokenIn({ 'a.md': '```\n[x](gone.md)\n```\n\n[bad](%E0%A4%A.md)' })).toEqual(['a.md:5 %E0%A4%A.md'])
  })
})

const git = requirePart('git')
const restic = requirePart('restic')

describe.skipIf(!git)('a mirror', () => {
  let folder: string
  let server: Server
  let host: string
  const asked: string[] = []
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
  const origin = () => join(folder, 'origin')
  const run = (words: string[], at = new Date().toISOString()) =>
    execFileSync(git ?? 'git', ['-C', origin(), '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', HOME: folder, GIT_COMMITTER_DATE: at, GIT_AUTHOR_DATE: at },
    })
  function commit(days: number, files: { [path: string]: string }): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(origin(), path)), { recursive: true })
      writeFileSync(join(origin(), path), text)
    }
    run(['add', '.'])
    run(['commit', '-qm', 'work'], daysAgo(days))
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shipmate-documents-'))
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.statusCode = request.url === '/gone' ? 404 : request.url === '/broken' ? 500 : 200
      response.end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    mkdirSync(origin())
    run(['init', '-q', '-b', 'main'])
    commit(400, {
      'guides/slow.md': '# Slow\n\n[next](fast.md)\n',
      'guides/fast.md': '# Fast\n',
      'docs/Operations/äpfel and pears.md': '# Old\n',
      'docs/notes.md': 'old, and no runbook\n',
    })
    commit(190, { 'runbooks/db.md': '[a](../README.md#not-there)\n' })
    commit(3, {
      'guides/fast.md': '# Fast, looked at\n',
      'README.md': `# Home\n\n[x](docs/gone.md)\n[y](http://${host}/gone#part)\n[z](http://${host}/there)\n[v](http://${host}/broken)\n[w](http://127.0.0.1:1/other)\n`,
    })
    execFileSync(git ?? 'git', ['clone', '-q', '--mirror', origin(), join(folder, 'mirror.git')])
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const usual: DocumentSettings = {
    ...{ links: true, reviewed: 180 * 86_400_000, outside: [] },
    runbooks: ['guides', 'runbooks', 'operations'],
  }
  const notes = (more: Partial<DocumentSettings> = {}, mirror = join(folder, 'mirror.git')) =>
    documentNotes(
      { program: git ?? '', name: 'storefront', mirror, settings: { ...usual, ...more } },
      { signal: new AbortController().signal, clock: systemClock },
    )

  test('tells links that lead nowhere and runbooks that nobody has looked at, by their names; nobody outside is asked', async () => {
    asked.length = 0
    expect(await notes()).toEqual([
      'documents of storefront: 2 links lead nowhere: README.md:3 → docs/gone.md, runbooks/db.md:1 → ../README.md#not-there',
      'documents of storefront: 3 runbooks were not reviewed for more than 180 days: docs/Operations/äpfel and pears.md (400 days), guides/slow.md (400 days), runbooks/db.md (190 days)',
    ])
    expect(asked).toEqual([])
  })

  test('asks a host that the operator names, once an address and by HEAD alone; what is gone there is told', async () => {
    asked.length = 0
    const [links] = await notes({ outside: [host], reviewed: null })
    expect(links).toContain(`3 links lead nowhere`)
    expect(links).toContain(`README.md:4 → http://${host}/gone#part`)
    expect(asked.sort()).toEqual(['HEAD /broken', 'HEAD /gone', 'HEAD /there'])
  })

  test('looks at what the operator wants looked at, and at the limit that the file names', async () => {
    expect(await notes({ links: false, reviewed: null })).toEqual([])
    const [old] = await notes({ links: false, reviewed: 300 * 86_400_000 })
    expect(old).toMatch(/2 runbooks were not reviewed for more than 300 days: .*slow\.md \(400 days\)$/)
    expect(await notes({ links: false, runbooks: [] })).toEqual([])
  })

  test('that shows no branch breaks no backup, and says so', async () => {
    const empty = join(folder, 'empty.git')
    execFileSync(git ?? 'git', ['init', '-q', '--bare', empty])
    expect(await notes({}, empty)).toEqual([expect.stringMatching(/^documents of storefront could not be looked at: /)])
  })

  test('with more names than a note holds counts the rest', async () => {
    const many = Array.from({ length: 40 }, (_, at) => `[x](a-file-that-is-not-there-${at}.md)`).join('\n\n')
    commit(0, { 'docs/many.md': many })
    const mirror = join(folder, 'again.git')
    execFileSync(git ?? 'git', ['clone', '-q', '--mirror', origin(), mirror])
    const [links = ''] = await notes({ reviewed: null }, mirror)
    expect(links.length).toBeLessThanOrEqual(300)
    expect(links).toMatch(/^documents of storefront: 42 links lead nowhere: .* and \d+ more$/)
  })

  describe.skipIf(!restic)('in a set', () => {
    let set: ResticSet
    afterAll(() => set?.close())

    test('is told with the backup, and /backup status shows it as a warning for as long as it is so', async () => {
      set = resticSet('repository', ({ work }) =>
        createGitSource({
          ...{ program: git ?? '', documents: usual, secret: async () => '', work },
          repositories: [{ name: 'storefront', url: origin(), token: null }],
        }),
      )
      const taken = await set.take()
      expect(taken.notes).toEqual([
        expect.stringMatching(/^documents of storefront: 42 links lead nowhere: README\.md:3 → docs\/gone\.md/),
        expect.stringMatching(/^documents of storefront: 3 runbooks were not reviewed/),
      ])
      const known = backup(new Date(), taken.notes ? { notes: taken.notes } : {})
      const lines = statusLines(
        {
          ...{ database: 'code', environment: 'prod', engine: 'restic', cannot: [], zone: 'UTC', limit: null },
          ...{ backups: [known], drills: [], samples: [], look: null, troubles: [], live: [] },
          timetable: policy().schedule,
        },
        { moment: momentIn('UTC'), safe: (text) => text },
        new Date(),
      )
      expect(lines.filter(({ text }) => text.startsWith('documents of'))).toMatchObject([
        { sign: 'warning' },
        { sign: 'warning' },
      ])
    }, 240_000)
  })
})

describe('the operator’s file', () => {
  const withDocuments = (documents: string) =>
    parseCatalogue(
      shopText.replace(
        'backups:\n',
        `backups:\n  code:\n    home: { service: storefront, environment: prod }\n    engine: { restic: { repository: { path: /srv/code }, password: "env:P", source: { git: { repositories: [{ name: a, url: /a }]${documents} } } } }\n`,
      ),
      'shipmate.yml',
      shopEnv,
    ).backups.code?.engine

  test('looks at links and at half a year unless it says else, and asks nobody outside', () => {
    expect(withDocuments('')).toMatchObject({
      source: {
        documents: {
          ...{ links: true, reviewed: 180 * 86_400_000, outside: [] },
          runbooks: ['guides', 'runbooks', 'playbooks', 'operations'],
        },
      },
    })
    expect(
      withDocuments(', documents: { reviewed: never, runbooks: [Handbook], outside: [docs.example.com] }'),
    ).toMatchObject({
      source: { documents: { reviewed: null, runbooks: ['handbook'], outside: ['docs.example.com'] } },
    })
    expect(() => withDocuments(', documents: { outside: ["https://docs.example.com/"] }')).toThrow()
  })
})
