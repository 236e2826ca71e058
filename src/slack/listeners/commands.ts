import type { App } from '@slack/bolt'
import { commands } from '../../commands/commands.js'
import type { Reply } from '../../commands/reply.js'
import { answer, drawn, inAck, type Ways } from './answers.js'
import { askerOf } from './asker.js'
import { attempt } from './attempt.js'
import { openForm, triggerOf } from './opening.js'
import { givePaper } from './papers.js'
import { ackBudget, type FaceParts, inTime } from './parts.js'
import { showPicture } from './pictures.js'

const interim = { response_type: 'ephemeral' as const, text: 'Working on it. The answer follows here.' }

/** /deploy and the others, with or without an installation's prefix: committed first, acknowledged with the answer. */
export function listenToCommands(app: App, parts: FaceParts): void {
  app.command(/^\//, async ({ command, ack, context }) => {
    const {
      user_id: user,
      user_name: userName,
      team_id: team,
      channel_id: channel,
      trigger_id: trigger,
      response_url: responseUrl,
    } = command
    const ways: Ways = { user, channel, responseUrl }
    const work = attempt(parts, command.command, team, async () => {
      const asker = await askerOf(parts, { user, userName, team, via: 'slack', delivery: trigger, channel })
      return parts.desk.say(command.text ?? '', commandName(command.command), asker)
    })
    const inBudget = await inTime(work, ackBudget, parts.clock)
    const acked = await ackWith(ack, inBudget, parts)
    const reply = inBudget ?? (await work)
    if (reply.kind === 'form') return openForm(parts, triggerOf(trigger, context), reply.form, ways)
    if (!inBudget || !acked) await answer(parts, ways, drawn(parts, reply))
    await showPicture(parts, ways, reply)
    await givePaper(parts, ways, reply)
  })
}

/** `/acme-deploy` is `deploy` where an installation has the prefix `acme`. */
export function commandName(command: string): string {
  const name = command.replace(/^\//, '')
  const known = commands.map((one) => one.name)
  return known.find((one) => name === one || name.endsWith(`-${one}`)) ?? name
}

/** False when the socket closed meanwhile: then the answer takes another way. */
async function ackWith(
  ack: (response?: { text: string }) => Promise<void>,
  reply: Reply | null,
  parts: FaceParts,
): Promise<boolean> {
  try {
    await (reply === null ? ack(interim) : reply.kind === 'form' ? ack() : ack(inAck(parts, reply)))
    return true
  } catch {
    return false
  }
}
