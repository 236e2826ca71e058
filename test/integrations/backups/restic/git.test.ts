import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createGitSource, lookAtMirror } from '../../../../src/integrations/backups/restic/sources/git.js'
import { contextFor } from '../../../support/backups/engine-rig.js'
import { type ResticSet, resticSet } from '../../../support/backups/restic-set.js'
import { requirePart } from '../../../support/parts.js'

const [program, git] = [requirePart('restic'), requirePart('git')]
const token = 'a-token-of-the-tests'
const unlooked = { links: false, reviewed: null, runbooks: [], outside: [] }

const run = (folder: string, ...words: string[]) =>
  execFileSync(git ?? 'git', ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', HOME: folder },
  }).trim()

function commit(origin: string, text: string, tag?: string): string {
  writeFileSync(join(origin, 'README.md'), text)
  run(origin, 'add', '.')
  run(origin, 'commit', '-qm', text)
  if (tag) run(origin, 'tag', '-fam', tag, tag)
  return run(origin, 'rev-parse', 'HEAD')
}

/** Each object of a mirror becomes a file of its own. */
function loosen(mirror: string): void {
  const packs = join(mirror, 'objects', 'pack')
  const aside = `${mirror}.packs`
  renameSync(packs, aside)
  mkdirSync(packs)
  for (const pack of readdirSync(aside).filter((name) => name.endsWith('.pack')))
    execFileSync(git ?? 'git', ['-C', mirror, 'unpack-objects', '-q'], { input: readFileSync(join(aside, pack)) })
  rmSync(aside, { recursive: true })
}

describe.skipIf(!program || !git)('a repository that is mirrored', () => {
  let set: ResticSet
  let origin: string
  const mirror = () => join(set.work, 'git', 'storefront.git')

  beforeAll(() => {
    set = resticSet('repository', ({ folder, work }) => {
      origin = join(folder, 'origin')
      mkdirSync(origin)
      run(origin, 'init', '-q', '-b', 'main')
      return createGitSource({
        program: git ?? '',
        repositories: [{ name: 'storefront', url: origin, token: null }],
        ...{ secret: async () => token, work, documents: unlooked },
      })
    })
    commit(origin, 'the first', 'v1.0.0')
    commit(origin, 'the second', 'v1.1.0')
  })
  afterAll(() => set.close())

  test('comes back whole by git fsck, with every tag at its object', async () => {
    await set.engine.ready(contextFor())
    expect((await set.take()).notes).toBeUndefined()
    const found = await set.rehearse()
    expect(found.problems).toEqual([])
    expect(found.looked).toBe(found.files)
    expect(found.holds).toEqual([
      { name: 'storefront', holds: true, came: 'whole by git fsck, 2 tags and 1 other references' },
    ])
  }, 240_000)

  test('what was pushed is in the next one; a release tag that moved or went is told', async () => {
    const before = run(origin, 'rev-parse', 'v1.1.0').slice(0, 12)
    commit(origin, 'the third', 'v1.1.0')
    run(origin, 'tag', '-d', 'v1.0.0')
    const after = run(origin, 'rev-parse', 'v1.1.0').slice(0, 12)
    const { notes } = await set.take()
    expect(notes?.sort()).toEqual([
      `tag v1.0.0 of storefront is gone`,
      `tag v1.1.0 of storefront moved from ${before} to ${after}`,
    ])
    expect((await set.rehearse()).holds[0]?.came).toBe('whole by git fsck, 1 tags and 1 other references')
  }, 240_000)

  test('a mirror that lacks an object stores nothing, and says so', async () => {
    loosen(mirror())
    const blob = run(origin, 'rev-parse', 'main~2:README.md')
    rmSync(join(mirror(), 'objects', blob.slice(0, 2), blob.slice(2)))
    const before = await set.engine.holding(contextFor())
    const no = await set.take().catch((thrown) => thrown)
    expect(no).toMatchObject({
      ...{ kind: 'failed', code: 'git-mirror-broken' },
      message: expect.stringContaining(`missing blob ${blob}`),
      next: expect.stringContaining(`Remove ${mirror()}`),
    })
    expect((await set.engine.holding(contextFor())).backups).toEqual(before.backups)
    // As the error says: it is cloned anew.
    rmSync(mirror(), { recursive: true })
    await set.take()
  }, 240_000)

  test('one that came back without an object, or with a tag elsewhere, does not hold', async () => {
    const list = join(set.work, 'git', 'storefront.refs')
    const look = () => lookAtMirror({ program: git ?? '' }, 'storefront', mirror(), list, contextFor())
    expect(await look()).toMatchObject({ holds: true })
    run(mirror(), 'tag', '-f', 'v1.1.0', 'main~1')
    expect(await look()).toMatchObject({ holds: false, came: expect.stringContaining('refs/tags/v1.1.0') })
    rmSync(join(mirror(), 'objects'), { recursive: true })
    mkdirSync(join(mirror(), 'objects'))
    expect(await look()).toMatchObject({ holds: false, came: expect.stringContaining('git fsck') })
  }, 60_000)
})

describe.skipIf(!program || !git)('a repository that wants a token', () => {
  let server: Server
  let set: ResticSet
  afterEach(() => {
    server.close()
    set.close()
  })

  test('is fetched over HTTP with it, and neither an error nor the mirror holds it', async () => {
    let [given, root] = ['', '']
    server = serveGit(
      () => root,
      () => given,
    )
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    set = resticSet('repository', ({ folder, work }) => {
      root = folder
      const origin = join(folder, 'origin')
      mkdirSync(origin)
      run(origin, 'init', '-q', '-b', 'main')
      commit(origin, 'the first', 'v1.0.0')
      return createGitSource({
        program: git ?? '',
        repositories: [{ name: 'storefront', url: `http://127.0.0.1:${port}/origin/.git`, token: 'env:TOKEN' }],
        ...{ secret: async () => token, work, documents: unlooked },
      })
    })
    given = 'another'
    const no = await set.engine.ready(contextFor()).catch((thrown) => thrown)
    expect(no).toMatchObject({ code: 'git-origin-unreachable' })
    expect(JSON.stringify([no.message, no.came, no.next])).not.toContain(token)
    given = token
    await set.take()
    expect((await set.rehearse()).holds[0]?.holds).toBe(true)
    expect(run(join(set.work, 'git', 'storefront.git'), 'config', '--list')).not.toMatch(/authorization|token/i)
  }, 240_000)
})

/** `git http-backend`, behind basic authorization. */
function serveGit(root: () => string, accepts: () => string): Server {
  return createServer((request, response) => {
    const wanted = `Basic ${Buffer.from(`x-access-token:${accepts()}`).toString('base64')}`
    if (request.headers.authorization !== wanted) return void response.writeHead(401).end()
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const backend = spawn(git ?? 'git', ['http-backend'], {
      env: {
        ...process.env,
        ...{ GIT_PROJECT_ROOT: root(), GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: path, QUERY_STRING: query },
        ...{ REQUEST_METHOD: request.method, CONTENT_TYPE: request.headers['content-type'] ?? '' },
        ...{
          GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
          HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        },
      },
    })
    request.pipe(backend.stdin)
    const parts: Buffer[] = []
    backend.stdout.on('data', (part: Buffer) => parts.push(part))
    backend.on('close', () => {
      const answer = Buffer.concat(parts)
      const end = answer.indexOf('\r\n\r\n')
      const lines = answer.subarray(0, end).toString('latin1').split('\r\n')
      const status = Number(/^Status: (\d+)/m.exec(lines.join('\n'))?.[1] ?? 200)
      const headers = lines
        .filter((line) => !line.startsWith('Status'))
        .map((line) => line.split(': ') as [string, string])
      response.writeHead(status, Object.fromEntries(headers)).end(answer.subarray(end + 4))
    })
  })
}
