import { z } from 'zod'
import type { AlertNotice } from '../incidents/alert.js'
import { signedBy } from './proof.js'
import {
  clean,
  header,
  type LabelledChange,
  momentSchema,
  nothingRead,
  type Reading,
  type Sender,
  shaped,
  webAddress,
} from './sender.js'

const text = z.string().nullish()
const repository = z.object({ full_name: z.string(), name: z.string(), default_branch: text, html_url: text })
const sender = z.object({ login: z.string() }).nullish()

const deployment = z.object({
  id: z.number(),
  ref: text,
  sha: text,
  environment: text,
  description: text,
  created_at: momentSchema,
  creator: sender,
  payload: z.unknown(),
})
const deploymentEvent = z.object({ action: text, deployment, repository, sender })
const statusEvent = z.object({
  deployment,
  deployment_status: z.object({
    id: z.number(),
    state: z.string(),
    created_at: momentSchema,
    target_url: text,
    log_url: text,
  }),
  repository,
  sender,
})
const checked = z.object({
  head_branch: text,
  conclusion: text,
  head_sha: text,
  updated_at: momentSchema,
  created_at: momentSchema,
})
const workflowEvent = z.object({
  action: text,
  workflow_run: checked.extend({
    name: text,
    workflow_id: z.number(),
    html_url: text,
    run_number: z.number().nullish(),
  }),
  repository,
})
const suiteEvent = z.object({
  action: text,
  check_suite: checked.extend({ app: z.object({ slug: text, name: text }).nullish() }),
  repository,
})

/** GitHub: deployments by others are changes; checks that fail on the default branch are alerts. */
export const github: Sender = {
  source: 'github',
  path: '/alerts/github',
  claims: (headers) => header(headers, 'x-hub-signature-256')?.startsWith('sha256=') ?? false,
  proves: ({ headers, body }, secrets) =>
    signedBy(secrets, [body], [(header(headers, 'x-hub-signature-256') ?? '').replace(/^sha256=/, '')]),
  read(body, { headers, at }): Reading {
    const read = { ...nothingRead, key: header(headers, 'x-github-delivery') }
    const event = header(headers, 'x-github-event')
    if (event === 'deployment') return { ...read, changes: fromDeployment(body, at) }
    if (event === 'deployment_status') return { ...read, changes: fromStatus(body, at) }
    if (event === 'workflow_run') return { ...read, notices: fromWorkflow(body, at) }
    if (event === 'check_suite') return { ...read, notices: fromSuite(body, at) }
    return read
  },
}

type Deployment = z.output<typeof deployment>
type Repository = z.output<typeof repository>

function fromDeployment(body: unknown, at: Date): LabelledChange[] {
  const { deployment: one, repository: of, sender: by } = shaped(body, deploymentEvent, 'github')
  if (isOurs(one)) return []
  const what = `${named(one, of)} is being deployed to ${one.environment ?? 'an environment'}`
  return [
    changeOf({
      key: `deployment:${one.id}`,
      what,
      one,
      of,
      by: by?.login,
      at: one.created_at ?? at,
      link: of.html_url,
    }),
  ]
}

/** Only how it ended: what happens between is nobody's cause. */
function fromStatus(body: unknown, at: Date): LabelledChange[] {
  const { deployment: one, deployment_status: status, repository: of, sender: by } = shaped(body, statusEvent, 'github')
  const ended: { [state: string]: string } = {
    success: 'was deployed to',
    failure: 'could not be deployed to',
    error: 'could not be deployed to',
  }
  const verb = ended[status.state]
  if (!verb || isOurs(one)) return []
  const link = status.target_url ?? status.log_url ?? of.html_url
  const what = `${named(one, of)} ${verb} ${one.environment ?? 'an environment'}`
  return [changeOf({ key: `status:${status.id}`, what, one, of, by: by?.login, at: status.created_at ?? at, link })]
}

/** Deployments that Shipmate tells GitHub of say so; they are runs, and no change from elsewhere. */
const isOurs = ({ payload }: Deployment): boolean =>
  typeof payload === 'object' && payload !== null && Object.hasOwn(payload, 'shipmate')

const named = (one: Deployment, of: Repository) =>
  `${of.name} ${one.ref ?? ''} (${(one.sha ?? '').slice(0, 7)})`.replace(/ +/g, ' ')

type Said = {
  key: string
  what: string
  one: Deployment
  of: Repository
  by: string | undefined
  at: Date
  link: string | null | undefined
}

const changeOf = ({ key, what, one, of, by, at, link }: Said): LabelledChange => ({
  ...{ key, source: 'github', what: clean(what, 500), service: of.name, environment: one.environment ?? null },
  ...{ by: by ?? one.creator?.login ?? null, at, link: webAddress(link) },
  labels: { repository: of.full_name, service: of.name, ...(one.environment ? { environment: one.environment } : {}) },
})

function fromWorkflow(body: unknown, at: Date): AlertNotice[] {
  const { workflow_run: run, repository: of } = shaped(body, workflowEvent, 'github')
  const named = run.name ?? 'A workflow'
  return checkNotice(run, of, { key: `workflow:${run.workflow_id}`, named, link: run.html_url, at })
}

/** Suites of GitHub Actions come as workflows too. */
function fromSuite(body: unknown, at: Date): AlertNotice[] {
  const { check_suite: suite, repository: of } = shaped(body, suiteEvent, 'github')
  if (suite.app?.slug === 'github-actions') return []
  const named = suite.app?.name ?? 'A check'
  return checkNotice(suite, of, { key: `suite:${suite.app?.slug ?? ''}`, named, link: of.html_url, at })
}

type Check = { key: string; named: string; link: string | null | undefined; at: Date }

/** Red on a branch that somebody works on is everyday; red on the default branch stops everybody. */
function checkNotice(run: z.output<typeof checked>, of: Repository, { key, named, link, at }: Check): AlertNotice[] {
  if (!run.conclusion || !run.head_branch || run.head_branch !== (of.default_branch ?? 'main')) return []
  const failed = ['failure', 'timed_out', 'startup_failure'].includes(run.conclusion)
  if (!failed && run.conclusion !== 'success') return []
  const moment = run.updated_at ?? at
  return [
    {
      ...{ source: 'github', fingerprint: clean(`${of.full_name}:${key}:${run.head_branch}`, 200), group: null },
      ...(failed ? { state: 'firing', endedAt: null } : { state: 'resolved', endedAt: moment }),
      title: clean(`${named} fails on ${run.head_branch} of ${of.name}`),
      text: clean(`${named}: ${run.conclusion} at ${(run.head_sha ?? '').slice(0, 7)}`),
      ...{ severity: failed ? 'SEV4' : null, service: null, environment: null },
      labels: { repository: of.full_name, service: of.name, branch: run.head_branch, check: clean(named, 200) },
      link: webAddress(link),
      startedAt: failed ? moment : (run.created_at ?? moment),
      // Every green check comes; most of them end nothing.
      data: failed ? {} : { onlyIfFiring: true },
    },
  ]
}
