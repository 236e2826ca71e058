import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answering } from './answering.js'

type Body = { [name: string]: unknown }
type Asked = { method: string; path: string; body: Body; token: string | undefined }
type Answer = { status: number; body: object }

/**
 * GitHub's calls for tags and releases, as its REST documentation has them, on a real bare repository: what it answers of
 * tags, git says. Releases are kept here.
 */
export async function githubTagsEdge(git: string) {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-github-'))
  const run = (words: string[], input?: string) =>
    execFileSync(git, ['-C', dir, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
      ...{ encoding: 'utf8', stdio: 'pipe', env: { ...process.env, HOME: dir, GIT_CONFIG_NOSYSTEM: '1' } },
      ...(input !== undefined && { input }),
    }).trim()
  run(['init', '-q', '--bare'])
  const tree = run(['mktree'], '')
  const commit = (subject: string) => run(['commit-tree', tree, '-m', subject])
  const releases = new Map<string, { html_url: string; body: string; prerelease: boolean; tag_name: string }>()
  const faults: { next: Answer | null } = { next: null }
  const typeOf = (object: string) => {
    try {
      return run(['cat-file', '-t', object])
    } catch {
      return null
    }
  }
  const notFound: Answer = {
    status: 404,
    body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' },
  }
  const invalid = (message: string): Answer => ({ status: 422, body: { message, errors: [] } })
  const pointed = (ref: string, sha: string): Answer => {
    return { status: 200, body: { ref, object: { type: typeOf(sha), sha, url: 'https://api.github.com/x' } } }
  }

  function refOf(tag: string): Answer {
    try {
      return pointed(`refs/tags/${tag}`, run(['rev-parse', '--verify', '-q', `refs/tags/${tag}`]))
    } catch {
      return notFound
    }
  }
  function tagObject(sha: string): Answer {
    if (typeOf(sha) !== 'tag') return notFound
    const [, object = '', type = ''] = /^object (\w+)\ntype (\w+)/.exec(run(['cat-file', 'tag', sha])) ?? []
    return { status: 200, body: { sha, object: { type, sha: object } } }
  }
  function makeTag({ tag, message, object, type }: Body): Answer {
    if (typeOf(String(object)) !== type) return invalid('Object does not exist')
    const text = `object ${object}\ntype ${type}\ntag ${tag}\ntagger Ada <ada@example.com> 1700000000 +0000\n\n${message}\n`
    return { status: 201, body: { sha: run(['mktag'], text), object: { type, sha: object } } }
  }
  function makeRef({ ref, sha }: Body): Answer {
    const name = String(ref)
    if (refOf(name.replace('refs/tags/', '')).status === 200) return invalid('Reference already exists')
    run(['update-ref', name, String(sha)])
    return { ...pointed(name, String(sha)), status: 201 }
  }
  function makeRelease({ tag_name, body, prerelease }: Body): Answer {
    const tag = String(tag_name)
    if (releases.has(tag)) return invalid('Validation Failed')
    const made = {
      ...{ tag_name: tag, body: String(body), prerelease: prerelease === true },
      html_url: `https://github.com/acme/storefront/releases/tag/${encodeURIComponent(tag)}`,
    }
    releases.set(tag, made)
    return { status: 201, body: made }
  }
  function answer({ method, path, body, token }: Asked): Answer {
    if (token !== 'Bearer a-token') return { status: 401, body: { message: 'Bad credentials' } }
    const [, what = ''] = /^\/repos\/acme\/storefront\/(.+)$/.exec(path) ?? []
    if (method === 'GET' && what.startsWith('git/ref/tags/')) return refOf(decodeURIComponent(what.slice(13)))
    if (method === 'GET' && what.startsWith('git/tags/')) return tagObject(what.slice(9))
    if (method === 'POST' && what === 'git/tags') return makeTag(body)
    if (method === 'POST' && what === 'git/refs') return makeRef(body)
    if (method === 'POST' && what === 'releases') return makeRelease(body)
    const there = releases.get(decodeURIComponent(what.replace('releases/tags/', '')))
    return method === 'GET' && there ? { status: 200, body: there } : notFound
  }

  const edge = await answering(({ method, path, body, headers }) => {
    const { next } = faults
    faults.next = null
    return next ?? answer({ method, path, body: body as Body, token: headers.authorization })
  })
  return {
    url: edge.url,
    heard: edge.heard,
    releases,
    git: run,
    commit,
    /** What is answered next, instead. */
    faults,
    async close() {
      await edge.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
