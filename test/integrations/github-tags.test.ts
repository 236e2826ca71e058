import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { githubTags } from '../../src/integrations/github-tags.js'
import { releaseNotes } from '../../src/jobs/tagging/release-notes.js'
import { tagSteps } from '../../src/jobs/tagging/tag-steps.js'
import { silentLog } from '../../src/log.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld } from '../support/desk-world.js'
import { githubTagsEdge } from '../support/edges/github-tags-edge.js'
import { requirePart } from '../support/parts.js'
import { migration, release, shopCatalogue, shopText } from '../support/shop.js'
import { contextOf } from '../support/watched/scene.js'

// GitHub is faked at the HTTP edge from its documented contract; its tags are those of a real repository.
const git = requirePart('git')
const withTagging = (url: string, environment = 'prod') =>
  shopText.replace(
    '    environments:\n      prod:\n',
    `    tagging: { environment: ${environment}, repository: acme/storefront, token: env:T, url: "${url}" }\n    environments:\n      prod:\n`,
  )

describe.skipIf(!git)('at GitHub', () => {
  let edge: Awaited<ReturnType<typeof githubTagsEdge>>
  beforeEach(async () => {
    edge = await githubTagsEdge(git ?? '')
  })
  afterEach(() => edge.close())

  const parts = (secret = 'a-token') => ({
    catalogue: shopCatalogue(withTagging(edge.url)),
    secret: async () => secret,
    log: silentLog,
  })
  async function tag(commit: string, more: { tag?: string; candidate?: boolean } = {}, secret?: string) {
    const [action] = githubTags(parts(secret))
    const wanted = { service: 'storefront', tag: 'v1.8.0', commit, notes: '## Changes', candidate: false, ...more }
    return action?.run(action.input.parse(wanted), contextOf())
  }
  const changes = () => edge.heard.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/').at(-1))

  test('what was deployed gets an annotated tag and a release with its notes; again it is found, and nothing is made', async () => {
    const commit = edge.commit('cache prices')
    const first = await tag(commit)
    const link = 'https://github.com/acme/storefront/releases/tag/v1.8.0'
    expect(first?.evidence).toEqual({ summary: `v1.8.0 is tagged, its release is written: ${link}`, value: link })
    expect(edge.git(['cat-file', '-t', 'v1.8.0'])).toBe('tag')
    expect(edge.git(['rev-parse', 'v1.8.0^{commit}'])).toBe(commit)
    expect(edge.releases.get('v1.8.0')).toMatchObject({
      body: '## Changes\n\nDeployed by Shipmate as #1.',
      prerelease: false,
    })
    expect((await tag(commit))?.evidence.summary).toBe(`v1.8.0 was tagged before, its release was there: ${link}`)
    expect(changes()).toEqual(['tags', 'refs', 'releases'])
  })

  test('a tag that stands on another commit is never moved, light or annotated', async () => {
    const [theirs, ours] = [edge.commit('theirs'), edge.commit('ours')]
    for (const words of [
      ['tag', 'v1.8.0', theirs],
      ['tag', '-fam', 'theirs', 'v1.8.0', theirs],
    ]) {
      edge.git(words)
      await expect(tag(ours)).rejects.toMatchObject({
        ...{ code: 'tag-elsewhere', message: 'v1.8.0 stands on another commit at GitHub and was not moved.' },
        ...{ wanted: `v1.8.0 on ${ours}, which was deployed`, came: `v1.8.0 on ${theirs}` },
      })
      expect(edge.git(['rev-parse', 'v1.8.0^{commit}'])).toBe(theirs)
    }
    expect(changes()).toEqual([])
    // A tag that a person made on the very commit is as good as ours.
    edge.git(['tag', '-f', 'v1.8.0', ours])
    expect((await tag(ours))?.evidence.summary).toMatch(/^v1\.8\.0 was tagged before, its release is written/)
  })

  test('cut off between tag and release it is finished, and made by somebody else meanwhile it is found', async () => {
    const commit = edge.commit('cache prices')
    edge.git(['tag', '-am', 'ours', 'v1.8.0', commit])
    await tag(commit)
    expect(changes()).toEqual(['releases'])
    edge.heard.length = 0
    const [action] = githubTags(parts())
    const wanted = { service: 'storefront', tag: 'shop/v2.0.0-rc.1', commit, notes: 'x', candidate: true }
    await Promise.all([1, 2].map(() => action?.run(action.input.parse(wanted), contextOf())))
    expect(edge.git(['tag', '--list', 'shop/*'])).toBe('shop/v2.0.0-rc.1')
    expect(edge.releases.get('shop/v2.0.0-rc.1')).toMatchObject({ prerelease: true })
  })

  test('a commit that was never pushed, a token that is none and a GitHub that is away are told in their own words', async () => {
    await expect(tag('f'.repeat(40))).rejects.toMatchObject({
      code: 'tag-commit-unknown',
      came: expect.stringContaining('Object does not exist'),
    })
    await expect(tag(edge.commit('x'), {}, 'another')).rejects.toMatchObject({ code: 'http-unauthorized' })
    edge.faults.next = { status: 503, body: { message: 'Unicorn' } }
    await expect(tag(edge.commit('y'))).rejects.toMatchObject({ transient: true })
  })

  describe('after a deploy', () => {
    let world: DeskWorld
    afterEach(() => world.close())
    const open = async (environment?: string) => {
      const text = withTagging(edge.url, environment)
      const actions = githubTags({ catalogue: shopCatalogue(text), secret: async () => 'a-token', log: silentLog })
      world = await createDeskWorld({ text, actions })
    }
    async function deployed(commit: string) {
      world.world.releases = world.world.releases.map((one) => (one.version === 'v1.7.4' ? { ...one, commit } : one))
      world.world.releases.unshift({ ...release('v1.7.4'), commit })
      const run = acceptedRun(await world.desk.say('prod v1.7.4', 'deploy', asker('U0RITA')))
      const asks = await world.asks(run)
      const step = asks.steps.find(({ key }) => key === 'approve')
      const shown = { run, step: 'approve', round: step?.round ?? 0, digest: asks.run.plan?.digest ?? '' }
      await world.desk.press({ name: 'approve', ...shown }, asker('U0MARCO'))
      return world.ended(run, 'done')
    }

    test('its version is tagged with the commits that it brought', async () => {
      await open()
      const commit = edge.commit('work on v1.7.4')
      const view = await deployed(commit)
      const at = (key: string) => view.steps.find((one) => one.key === key)
      expect(at('tag')).toMatchObject({
        state: 'passed',
        evidence: { summary: expect.stringMatching(/^v1\.7\.4 is tagged/) },
      })
      expect(at('untagged')?.state).toBe('skipped')
      expect(edge.git(['rev-parse', 'v1.7.4^{commit}'])).toBe(commit)
      expect(edge.releases.get('v1.7.4')?.body).toContain('- work on v1.7.4')
    })

    test('a tag elsewhere leaves the deploy done and what serves as it is, and the thread says so', async () => {
      await open()
      const theirs = edge.commit('theirs')
      edge.git(['tag', 'v1.7.4', theirs])
      const view = await deployed(edge.commit('ours'))
      const at = (key: string) => view.steps.find((one) => one.key === key)
      expect(at('tag')).toMatchObject({
        state: 'warned',
        evidence: {
          summary: expect.stringContaining('stands on another commit'),
          next: expect.stringContaining('never moved'),
        },
      })
      expect(at('untagged')).toMatchObject({
        state: 'passed',
        step: { text: expect.stringMatching(/Nothing was rolled back\.$/) },
      })
      expect(world.world.state.serving).toBe('v1.7.4')
      expect(edge.git(['rev-parse', 'v1.7.4^{commit}'])).toBe(theirs)
    })

    test('to another environment nothing is tagged', async () => {
      await open('staging')
      const view = await deployed(edge.commit('x'))
      expect(view.steps.map(({ key }) => key)).not.toContain('tag')
    })
  })
})

test('the notes hold what the release brings, and text from outside stays text', () => {
  const one = release('v1.8.0', {
    changes: [{ sha: '3f1c2ab99', author: 'Ada', subject: '# cache @everyone <b>' }],
    migrations: [migration('004'), migration('005', false)],
  })
  expect(releaseNotes(one).split('\n')).toEqual([
    '## Changes',
    '',
    '- \\# cache @\u200beveryone \\<b\\> (3f1c2ab99, Ada)',
    '',
    '## Migrations',
    '',
    '- 004: adds 004',
    '- 005: adds 005 (the version before cannot run on it)',
  ])
  expect(releaseNotes({ changes: [], migrations: [] })).toContain('No commits are known.')
})

test('nothing is planned where the file names no tagging, and a prefix comes before the version', () => {
  const intent = { job: 'deploy', service: 'storefront', environment: 'prod', input: {} }
  expect(tagSteps(intent, shopCatalogue(), release('v1.8.0'))).toEqual([])
  const text = withTagging('https://api.github.com').replace('token: env:T,', 'token: env:T, prefix: storefront-,')
  expect(tagSteps(intent, shopCatalogue(text), release('v1.8.0-rc.1'))[0]).toMatchObject({
    ...{ key: 'tag', onFailure: 'warn', title: 'Tag storefront-v1.8.0-rc.1 at GitHub' },
    with: { tag: 'storefront-v1.8.0-rc.1', candidate: true },
  })
  expect(() => shopCatalogue(withTagging('https://api.github.com', 'prd'))).toThrow()
})
