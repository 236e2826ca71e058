import { show as showMessage } from '../acts/messages.js'
import type { Command } from '../installed-app.js'
import type { Reply } from '../protocol.js'
import { Refusal } from '../refusal.js'
import { channelName } from '../shapes/channel.js'
import type { ChannelRow, Json, PersonRow } from '../state/rows.js'
import { escapeForCommand } from '../text.js'
import type { World } from '../world.js'
import { namesIn } from './composer.js'
import { commandError, notices } from './notices.js'
import { type Response, respond } from './respond.js'

type Typed = { person: PersonRow; channel: ChannelRow; text: string; thread_ts?: string }

/** Runs what a person typed with a slash in front, and shows what the app answers. */
export async function runCommand(world: World, typed: Typed): Promise<Reply> {
  const [name = '', rest = ''] = split(typed.text)
  if (typed.thread_ts) return { ok: false, notice: notices.notInThreads(name) }
  const command = world.app.commands.find((one) => one.command === name)
  if (!command) return { ok: false, notice: notices.notACommand(name) }

  const about = { channel: typed.channel.id, user: typed.person.id }
  const response_url = world.responseUrls.create(about)
  const payload = commandPayload(world, typed, command, rest, response_url)
  const names = ['slash_commands', name]
  const receipt = await world.delivery.send({ kind: 'slash_commands', payload, answerable: true, names })
  const error = commandError(receipt)
  if (error) return { ok: false, notice: notices.commandFailed(name, error) }
  return show(world, typed, 'body' in receipt ? receipt.body : undefined)
}

function split(text: string): [string, string] {
  const end = text.search(/\s/)
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1).trim()]
}

function commandPayload(world: World, typed: Typed, command: Command, rest: string, response_url: string): Json {
  const { team, app } = world
  return {
    token: 'playground',
    team_id: team.id,
    team_domain: team.domain,
    channel_id: typed.channel.id,
    channel_name: channelName(typed.channel),
    user_id: typed.person.id,
    user_name: typed.person.name,
    command: command.command,
    text: command.should_escape ? escapeForCommand(rest, namesIn(world)) : rest,
    api_app_id: app.id,
    is_enterprise_install: 'false',
    response_url,
    trigger_id: world.triggers.create(typed.person.id),
  }
}

function show(world: World, { person, channel, text }: Typed, body: unknown): Reply {
  const response = responseOf(body)
  if (!response) return { ok: true }
  // The answer shows the command itself too; the app hears nothing of that message.
  if (response.response_type === 'in_channel') {
    const command = { ts: world.state.ids.ts(), channel: channel.id, user: person.id, text }
    showMessage(world, channel, world.state.messages.put(command))
    if (!response.text && !response.blocks) return { ok: true }
  }
  const about = { id: '', channel: channel.id, user: person.id, expires_ms: 0, uses_left: 1 }
  try {
    const shown = respond(world, about, response)
    return { ok: true, ts: shown?.ts }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { ok: false, notice: notices.commandFailed(text.split(/\s/)[0] ?? '', error.code) }
  }
}

function responseOf(body: unknown): Response | undefined {
  if (typeof body === 'string') return body ? { text: body } : undefined
  return body && typeof body === 'object' && Object.keys(body).length > 0 ? (body as Response) : undefined
}
