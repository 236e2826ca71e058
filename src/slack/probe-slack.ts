import { z } from 'zod'
import { systemClock } from '../clock.js'
import type { Gate } from '../commands/reply.js'
import type { SlackConfig } from '../config.js'
import { asShipmateError } from '../errors.js'
import { silentLog } from '../log.js'
import type { Catalogue } from '../releases/catalogue.js'
import type { Directory } from '../releases/people.js'
import { checkQuorums } from '../releases/quorums.js'
import { ownersOf } from '../releases/routines/owners.js'
import { createDirectory } from './directory.js'
import { createIdentity } from './identity.js'
import { createSlackWeb, type NotTold, type SlackWeb } from './web.js'

export type SlackProbe = {
  slack: SlackConfig
  /** Bot scopes that the manifest asks for. */
  scopes: string[]
  catalogue: Catalogue | null
}

/** Findings about the workspace: tokens, scopes, release channels, groups, quorums. Changes nothing. */
export async function probeSlack({ slack, scopes, catalogue }: SlackProbe): Promise<Gate[]> {
  if (!slack.botToken) return [notSetUp]
  const web = webFor(slack, slack.botToken)
  const bot = await probeBot(web, scopes)
  const delivery = slack.appToken ? await probeAppToken(webFor(slack, slack.appToken)) : signed
  if (bot[0]?.outcome !== 'pass' || !catalogue) return [...bot, delivery]
  const directory = createDirectory({ web, identity: createIdentity(web), clock: systemClock })
  return [
    ...bot,
    delivery,
    ...(await Promise.all(channelsOf(catalogue).map((place) => probeChannel(web, place)))),
    ...(await Promise.all(groupsOf(catalogue).map((handle) => probeGroup(directory, handle)))),
    ...(await probeQuorums(catalogue, directory)),
  ]
}

const notSetUp: Gate = {
  title: 'Slack',
  outcome: 'skip',
  evidence: {
    summary: 'no token is set, so `npm start` opens the local workspace',
    next: 'For a real workspace set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (README: Use it with your Slack).',
  },
}

const signed: Gate = {
  title: 'Slack delivery',
  outcome: 'pass',
  evidence: { summary: 'signed HTTP, checked with SLACK_SIGNING_SECRET' },
}

const webFor = ({ apiUrl }: SlackConfig, token: string) =>
  createSlackWeb({ token, apiUrl: apiUrl ?? undefined, log: silentLog })

const authShape = z.object({
  user: z.string(),
  team: z.string(),
  response_metadata: z.object({ scopes: z.array(z.string()).default([]) }).default({ scopes: [] }),
})

async function probeBot(web: SlackWeb, wanted: string[]): Promise<Gate[]> {
  const answer = await web.call('auth.test', {})
  if (!answer.ok) {
    return [notTold('Slack bot token', answer, 'Copy it again from OAuth & Permissions, Bot User OAuth Token.')]
  }
  const { user, team, response_metadata } = authShape.parse(answer.data)
  const missing = wanted.filter((scope) => !response_metadata.scopes.includes(scope))
  return [gate('Slack bot token', `works as ${user} in ${team}`), scopeGate(wanted.length, missing)]
}

function scopeGate(wanted: number, missing: string[]): Gate {
  if (missing.length === 0) return gate('Slack scopes', `all ${wanted} are granted`)
  const next = 'Add them under OAuth & Permissions, then reinstall the app to the workspace.'
  return gate('Slack scopes', `${missing.length} of ${wanted} are missing: ${missing.join(', ')}`, next)
}

async function probeAppToken(web: SlackWeb): Promise<Gate> {
  const answer = await web.call('apps.connections.open', {})
  if (answer.ok) return gate('Slack app token', 'opens Socket Mode')
  return notTold('Slack app token', answer, 'Make one under Basic Information with the scope connections:write.')
}

const channelShape = z.object({
  name: z.string().default('unnamed'),
  is_archived: z.boolean().default(false),
  is_member: z.boolean().default(false),
})

async function probeChannel(web: SlackWeb, { name, channel }: { name: string; channel: string }): Promise<Gate> {
  const title = `Channel of ${name}`
  const answer = await web.call('conversations.info', { channel })
  if (!answer.ok) {
    return notTold(title, answer, `${channel} has to be the id of a channel: see the end of its details in Slack.`)
  }
  const found = channelShape.parse(answer.data.channel)
  if (found.is_archived) return gate(title, `#${found.name} is archived`, 'Name another channel, or unarchive it.')
  if (!found.is_member) {
    return gate(title, `Shipmate is not in #${found.name}`, `Type /invite @shipmate in #${found.name}.`)
  }
  return gate(title, `#${found.name}, and Shipmate is in it`)
}

async function probeGroup(directory: Directory, handle: string): Promise<Gate> {
  try {
    const { length } = await directory.members(handle)
    const next = length === 0 ? 'Add people to it.' : ''
    return gate(`Group @${handle}`, length === 1 ? '1 person' : `${length} people`, next)
  } catch (thrown) {
    const { message, next } = asShipmateError(thrown)
    return gate(`Group @${handle}`, message, next ?? 'Try again in a moment.')
  }
}

async function probeQuorums(catalogue: Catalogue, directory: Directory): Promise<Gate[]> {
  const problems = await checkQuorums(catalogue, directory)
  if (problems.length === 0) return [gate('Approvals', 'every quorum can be met')]
  return problems.map(({ message, next }) => gate('Approvals', message, next ?? ''))
}

/** Where runs are told, and where recurring work is asked for; each channel once. */
function channelsOf({ environments, routines }: Catalogue): { name: string; channel: string }[] {
  const released = Object.values(environments)
  const known = new Set(released.map(({ channel }) => channel))
  const asking = Object.values(routines).filter(({ channel }) => !known.has(channel))
  const first = new Map(asking.toReversed().map(({ name, channel }) => [channel, `routine ${name}`]))
  return [...released, ...[...first].map(([channel, name]) => ({ name, channel }))]
}

function groupsOf(catalogue: Catalogue): string[] {
  const named = Object.values(catalogue.environments).flatMap(({ approvals, may }) =>
    [...Object.values(approvals), ...Object.values(may)].flatMap(({ groups }) => groups),
  )
  const asked = Object.values(catalogue.routines).flatMap(ownersOf)
  const called = asked.flatMap(({ groups }) => groups)
  return [...new Set([...named, ...called, ...(catalogue.slack.adminGroup ? [catalogue.slack.adminGroup] : [])])].sort()
}

/** A finding that passed, or with a way forward one that failed. */
const gate = (title: string, summary: string, next = ''): Gate => ({
  title,
  outcome: next ? 'fail' : 'pass',
  evidence: next ? { summary, next } : { summary },
})

/** Slack's own word when it said no; *error* when it did not answer, because then nothing can be told. */
function notTold(title: string, answer: NotTold, next: string): Gate {
  if (answer.why === 'refused') return gate(title, `Slack says ${answer.error}`, next)
  const summary = answer.why === 'limited' ? 'Slack asks to wait' : `Slack did not answer: ${answer.text}`
  const wait = 'Check the way out to slack.com, then try again.'
  return { title, outcome: 'error', evidence: { summary, next: wait } }
}
