import { ErrorCode, LogLevel, WebClient } from '@slack/web-api'
import type { Gate } from '../commands/reply.js'
import type { SlackConfig } from '../config.js'
import type { Catalogue } from '../releases/catalogue.js'

export type SlackProbe = {
  slack: SlackConfig
  /** Bot scopes that the manifest asks for. */
  scopes: string[]
  catalogue: Catalogue | null
}

/** Findings about the workspace: tokens, scopes, the release channels, the groups that approve. Changes nothing. */
export async function probeSlack({ slack, scopes, catalogue }: SlackProbe): Promise<Gate[]> {
  if (!slack.botToken) return [notSetUp]
  const client = clientFor(slack, slack.botToken)
  const bot = await probeBot(client, scopes)
  const delivery = slack.appToken ? await probeAppToken(clientFor(slack, slack.appToken)) : signed
  const [first] = bot
  if (first?.outcome !== 'pass' || !catalogue) return [...bot, delivery]
  return [...bot, delivery, ...(await probeChannels(client, catalogue)), ...(await probeGroups(client, catalogue))]
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

function clientFor(slack: SlackConfig, token: string): WebClient {
  const to = slack.apiUrl ? { slackApiUrl: slack.apiUrl } : {}
  return new WebClient(token, { ...to, retryConfig: { retries: 0 }, timeout: 8_000, logLevel: LogLevel.ERROR })
}

async function probeBot(client: WebClient, wanted: string[]): Promise<Gate[]> {
  try {
    const answer = await client.auth.test()
    const granted = answer.response_metadata?.scopes ?? []
    const missing = wanted.filter((scope) => !granted.includes(scope))
    return [gate('Slack bot token', `works as ${answer.user} in ${answer.team}`), scopeGate(wanted, missing)]
  } catch (error) {
    return [broken('Slack bot token', error, 'Copy it again from OAuth & Permissions, Bot User OAuth Token.')]
  }
}

function scopeGate(wanted: string[], missing: string[]): Gate {
  if (missing.length === 0) return gate('Slack scopes', `all ${wanted.length} are granted`)
  const next = `Add them under OAuth & Permissions, then reinstall the app: ${missing.join(', ')}.`
  return gate('Slack scopes', `${missing.length} of ${wanted.length} are missing: ${missing.join(', ')}`, next)
}

async function probeAppToken(client: WebClient): Promise<Gate> {
  try {
    await client.apps.connections.open()
    return gate('Slack app token', 'opens Socket Mode')
  } catch (error) {
    return broken('Slack app token', error, 'Make one under Basic Information with the scope connections:write.')
  }
}

async function probeChannels(client: WebClient, catalogue: Catalogue): Promise<Gate[]> {
  return Promise.all(Object.values(catalogue.environments).map((environment) => probeChannel(client, environment)))
}

async function probeChannel(client: WebClient, { name, channel }: { name: string; channel: string }): Promise<Gate> {
  const title = `Channel of ${name}`
  try {
    const { channel: found } = await client.conversations.info({ channel })
    if (found?.is_archived) return gate(title, `#${found.name} is archived`, 'Name another channel, or unarchive it.')
    if (!found?.is_member) {
      return gate(title, `Shipmate is not in #${found?.name}`, `Type /invite @shipmate in #${found?.name}.`)
    }
    return gate(title, `#${found.name}, and Shipmate is in it`)
  } catch (error) {
    return broken(title, error, `Give the id of a channel (channel details, at the bottom), not ${channel}.`)
  }
}

async function probeGroups(client: WebClient, catalogue: Catalogue): Promise<Gate[]> {
  const wanted = groupsOf(catalogue)
  if (wanted.length === 0) return []
  try {
    const { usergroups = [] } = await client.usergroups.list({ include_users: true })
    return wanted.map((handle) => {
      const group = usergroups.find((known) => known.handle === handle || known.id === handle)
      const count = group?.users?.length ?? 0
      if (!group) return gate(`Group @${handle}`, 'there is none', 'Make it in Slack, or list people by id instead.')
      return gate(`Group @${handle}`, `${count} ${count === 1 ? 'person' : 'people'}`, count === 0 ? 'Add people.' : '')
    })
  } catch (error) {
    return [broken('Groups', error, 'User groups need a paid plan; list people by id instead.')]
  }
}

function groupsOf(catalogue: Catalogue): string[] {
  const named = Object.values(catalogue.environments).flatMap(({ approvals, may }) =>
    [...Object.values(approvals), ...Object.values(may)].flatMap(({ groups }) => groups),
  )
  return [...new Set([...named, ...(catalogue.slack.adminGroup ? [catalogue.slack.adminGroup] : [])])].sort()
}

/** A finding that passed, or with a way forward one that failed. */
const gate = (title: string, summary: string, next = ''): Gate => ({
  title,
  outcome: next ? 'fail' : 'pass',
  evidence: next ? { summary, next } : { summary },
})

/** Slack's own word when it answered; *error* when it did not, because then nothing can be told. */
function broken(title: string, error: unknown, next: string): Gate {
  const word = slackError(error)
  if (word) return gate(title, `Slack says ${word}`, next)
  const summary = 'Slack did not answer'
  return { title, outcome: 'error', evidence: { summary, next: 'Check the way out to slack.com, then try again.' } }
}

function slackError(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== ErrorCode.PlatformError) return null
  const { data } = error as Error & { data?: { error?: string } }
  return data?.error ?? 'no'
}
