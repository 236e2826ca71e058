import { z } from 'zod'
import { failed, ShipmateError } from '../errors.js'
import type { Log } from '../log.js'
import type { Catalogue } from '../releases/catalogue.js'
import type { TaggingSettings } from '../releases/sections/tagging.js'
import { type Action, defineAction } from '../runs/abilities.js'
import { createHttp, type Http } from './http.js'

export type GithubTagsParts = {
  catalogue: Pick<Catalogue, 'services'>
  secret(reference: string): Promise<string>
  log: Log
}

const input = z.object({
  service: z.string(),
  tag: z.string(),
  commit: z.string(),
  notes: z.string(),
  candidate: z.boolean(),
})
type Wanted = z.output<typeof input>

const pointer = z.object({ object: z.object({ type: z.string(), sha: z.string() }) })
const made = z.object({ sha: z.string() })
const release = z.object({ html_url: z.url() })

/**
 * An annotated tag on what was deployed, and its release, at GitHub. Both are looked for first, since GitHub honours no key.
 * A tag that stands is never moved: on another commit it is somebody else's word about what that version is.
 */
export const githubTags = (parts: GithubTagsParts): Action[] => [
  defineAction({
    name: 'github.tag',
    input,
    fence: 'key',
    async run(wanted, { run, signal }) {
      const { services } = parts.catalogue
      const settings = Object.hasOwn(services, wanted.service) ? services[wanted.service]?.tagging : null
      if (!settings) throw noLonger(wanted)
      const http = await opened(parts, settings)
      const base = `/repos/${settings.repository}`
      const fresh = await tagged(http, base, wanted, signal)
      const { link, written } = await released(http, base, { ...wanted, run }, signal)
      const words = fresh ? `${wanted.tag} is tagged` : `${wanted.tag} was tagged before`
      return {
        evidence: { summary: `${words}, its release ${written ? 'is written' : 'was there'}: ${link}`, value: link },
      }
    },
  }),
]

async function opened({ secret, log }: GithubTagsParts, settings: TaggingSettings): Promise<Http> {
  return createHttp({
    ...{ name: 'GitHub', baseUrl: settings.url, allowedHosts: [new URL(settings.url).host], log },
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
    token: await secret(settings.token),
  })
}

/** True when it was made now; throws `tag-elsewhere` when it stands on another commit. */
async function tagged(http: Http, base: string, wanted: Wanted, signal: AbortSignal): Promise<boolean> {
  const { tag, commit } = wanted
  if (await stands(http, base, wanted, signal)) return false
  const message = `${wanted.service} ${tag}`
  const object = await http
    .post(`${base}/git/tags`, { tag, message, object: commit, type: 'commit' }, made, { signal })
    .catch((thrown: unknown) => {
      throw isStatus(thrown, 422) ? unknownCommit(wanted, thrown as ShipmateError) : thrown
    })
  try {
    await http.post(`${base}/git/refs`, { ref: `refs/tags/${tag}`, sha: object.sha }, pointer, { signal })
    return true
  } catch (thrown) {
    // Somebody else was quicker: what stands there now decides.
    if (isStatus(thrown, 422) && (await stands(http, base, wanted, signal))) return false
    throw thrown
  }
}

async function stands(http: Http, base: string, wanted: Wanted, signal: AbortSignal): Promise<boolean> {
  const found = await orNone(http.get(`${base}/git/ref/tags/${path(wanted.tag)}`, pointer, { signal }))
  if (found === null) return false
  const commit = await commitOf(http, base, found.object, signal)
  if (commit !== wanted.commit) throw elsewhere(wanted, commit)
  return true
}

/** An annotated tag is an object of its own, and may even be of another tag. */
async function commitOf(
  http: Http,
  base: string,
  object: { type: string; sha: string },
  signal: AbortSignal,
): Promise<string> {
  let at = object
  for (let depth = 0; at.type === 'tag' && depth < 5; depth += 1)
    at = (await http.get(`${base}/git/tags/${path(at.sha)}`, pointer, { signal })).object
  return at.sha
}

async function released(
  http: Http,
  base: string,
  { tag, notes, candidate, run }: Wanted & { run: number },
  signal: AbortSignal,
): Promise<{ link: string; written: boolean }> {
  const look = () => orNone(http.get(`${base}/releases/tags/${path(tag)}`, release, { signal }))
  const there = await look()
  if (there) return { link: there.html_url, written: false }
  const body = {
    tag_name: tag,
    name: tag,
    body: `${notes}\n\nDeployed by Shipmate as #${run}.`,
    draft: false,
    prerelease: candidate,
  }
  try {
    return { link: (await http.post(`${base}/releases`, body, release, { signal })).html_url, written: true }
  } catch (thrown) {
    const now = isStatus(thrown, 422) ? await look() : null
    if (now) return { link: now.html_url, written: false }
    throw thrown
  }
}

/** Slashes belong to the name of a tag. */
const path = (name: string) => name.split('/').map(encodeURIComponent).join('/')

const isStatus = (thrown: unknown, status: number) =>
  thrown instanceof ShipmateError && thrown.details?.status === status

const orNone = async <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((thrown: unknown) => {
    if (isStatus(thrown, 404)) return null
    throw thrown
  })

const elsewhere = ({ tag, commit }: Wanted, came: string) =>
  failed('tag-elsewhere', `${tag} stands on another commit at GitHub and was not moved.`, {
    wanted: `${tag} on ${commit}, which was deployed`,
    came: `${tag} on ${came}`,
    next: 'Find out which of the two is that version. What was deployed needs a version of its own; a tag that people have is never moved.',
  })

const unknownCommit = ({ tag, commit }: Wanted, { came }: ShipmateError) =>
  failed('tag-commit-unknown', `GitHub has no commit ${commit.slice(0, 12)} that ${tag} could stand on.`, {
    wanted: `${commit} in the repository of services.….tagging`,
    ...(came !== undefined && { came }),
    next: 'Push the commit, or correct the repository in the operator’s file; the next deploy of it tags.',
  })

const noLonger = ({ service, tag }: Wanted) =>
  failed('tag-not-set-up', `${tag} was not tagged: nothing says where any more.`, {
    wanted: `tagging of ${service} in the operator’s file`,
    came: 'none',
    next: 'Tag it by hand, or add it to the file.',
  })
