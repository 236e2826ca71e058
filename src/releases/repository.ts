import type { Change } from '../runs/plan.js'
import type { Release } from './release.js'

/**
 * Web addresses of a service's repository, as GitHub, Gitea and Forgejo have them; GitLab, which is known by its host's name,
 * puts a dash before them. `repository` is the address that people open, without `.git`.
 */
const under = (repository: string, path: string): string => {
  const address = repository.replace(/(\.git)?\/*$/, '')
  const dash = /(^|\.)gitlab\./.test(new URL(address).hostname) ? '/-' : ''
  return `${address}${dash}/${path}`
}

export const changeAddress = (repository: string, { sha }: Pick<Change, 'sha'>): string =>
  under(repository, `commit/${sha}`)

/** What a release brings over another one. */
export const compareAddress = (repository: string, from: Release, to: Release): string =>
  under(repository, `compare/${from.commit}...${to.commit}`)

/** A line of a file as it was in a release; null for a file that is not told from the repository's top. */
export function fileAddress(repository: string, { commit }: Pick<Release, 'commit'>, place: string): string | null {
  const [, path, line] = /^(?:app:\/{2,3}|webpack:\/{2,3}|\.\/)?([^/\s][^\s:]*?)(?::(\d+))?$/.exec(place) ?? []
  if (!path || path.startsWith('node:') || path.split('/').includes('..') || !path.includes('.')) return null
  const named = path.split('/').map(encodeURIComponent).join('/')
  return under(repository, `blob/${commit}/${named}${line ? `#L${line}` : ''}`)
}

/** The release that a sender names: "v1.8.0", "1.8.0" or "storefront@1.8.0"; its commit does as well. */
export function releaseNamed(releases: Release[], service: string, name: string): Release | null {
  const bare = (text: string) => text.toLowerCase().replace(/^v(?=\d)/, '')
  const said = name.startsWith(`${service}@`) ? name.slice(service.length + 1) : name
  return (
    releases.find(({ version }) => bare(version) === bare(said)) ??
    releases.find(({ commit }) => /^[0-9a-f]{7,40}$/i.test(said) && commit.startsWith(said.toLowerCase())) ??
    null
  )
}
