import { z } from 'zod'
import { failed } from '../errors.js'
import type { FollowUpIssue, IssueTracker } from '../incidents/review/follow-ups.js'
import type { Log } from '../log.js'
import type { FollowUpsSection } from '../releases/sections/outside.js'
import { createHttp, type Http } from './http.js'

export type GithubIssuesParts = { settings: FollowUpsSection; secret(reference: string): Promise<string>; log: Log }

const issue = z.object({ html_url: z.url(), body: z.string().nullish() })
type Issue = z.output<typeof issue>

const perPage = 100
/** More than a label of follow-ups has since one incident. */
const mostPages = 20

/**
 * Follow-ups as issues at GitHub. It honours no key, so each body carries a mark and is looked for first: in the list,
 * because the search there knows a new issue only after a while.
 */
export function createGithubIssues({ settings, secret, log }: GithubIssuesParts): IssueTracker {
  const base = `/repos/${settings.repository}/issues`
  return {
    async open(wanted) {
      const token = await secret(settings.token)
      const allowedHosts = [new URL(settings.url).host]
      const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }
      const more = { allowedHosts, headers, token, maxBytes: 16 * 1024 * 1024 }
      const http = createHttp({ name: 'GitHub', baseUrl: settings.url, log, ...more })
      const there = await find(http, base, wanted, settings.label)
      if (there) return { link: there.html_url, fresh: false }
      const body = { title: wanted.title, body: wanted.body, labels: [settings.label] }
      const made = await http.post(base, body, issue)
      return { link: made.html_url, fresh: true }
    },
  }
}

async function find(http: Http, path: string, { marker, since }: FollowUpIssue, label: string): Promise<Issue | null> {
  for (let page = 1; page <= mostPages; page += 1) {
    const query = new URLSearchParams({
      labels: label,
      state: 'all',
      since: since.toISOString(),
      per_page: `${perPage}`,
    })
    query.set('page', String(page))
    const issues = await http.get(`${path}?${query}`, z.array(issue))
    const found = issues.find(({ body }) => body?.includes(`<!-- ${marker} -->`))
    if (found) return found
    if (issues.length < perPage) return null
  }
  throw failed('follow-ups-too-many', 'GitHub lists more follow-ups than are looked through.', {
    wanted: `fewer than ${mostPages * perPage} issues with the label ${label} changed since the incident`,
    came: 'more',
    next: 'Use a label of its own for follow-ups, or open this one by hand.',
  })
}
