import type { HelpEntry, Refusal, Reply } from '../commands/reply.js'
import type { IncidentSettings } from '../incidents/settings.js'
import { context, type Message, message, section } from './blocks.js'
import { detailsMessage } from './cards/details.js'
import { signs } from './cards/signs.js'
import { momentToken } from './moment.js'
import { backupListMessage, backupScheduleMessage, backupsMessage, handbookMessage } from './replies/backups.js'
import { drillsMessage, guidesMessage, onCallMessage } from './replies/guides.js'
import { incidentMessage, incidentsMessage, timelineMessage } from './replies/incidents.js'
import { linesMessage } from './replies/lines.js'
import { formMissing } from './replies/opening.js'
import { documentMessage, metricsMessage } from './replies/papers.js'
import { routinesMessage } from './replies/routines.js'
import { runsMessage } from './replies/runs.js'
import { statusMessage } from './replies/status.js'
import { diagnosisMessage, whyMessage } from './replies/why.js'
import { escaped, quote } from './text.js'

export type ReplyScene = {
  now: Date
  /** The release channel's id, to say where the card is. */
  channelOf(environment: string): string | null
  /** What the operator's file says about incidents. */
  settings: IncidentSettings
}

/** A reply as the message that only the person who asked sees. */
export function replyMessage(reply: Reply, scene: ReplyScene): Message {
  switch (reply.kind) {
    case 'accepted':
      return acceptedMessage(reply, scene)
    case 'refused':
      return refusalMessage(reply.refusal)
    case 'form':
      return formMissing(reply.form)
    case 'said':
      return message(escaped(reply.text), [section(...escaped(reply.text).split('\n'))])
    case 'help':
      return helpMessage(reply.intro, reply.entries)
    case 'status':
      return statusMessage(reply.environments, scene.now)
    case 'runs':
      return runsMessage(reply.title, reply.runs, scene.now)
    case 'run':
      return detailsMessage(reply.view, scene.now)
    case 'lines':
      return linesMessage(reply, scene.now)
    case 'why':
      return whyMessage(reply)
    case 'diagnosis':
      return diagnosisMessage(reply)
    case 'token':
      return tokenMessage(reply.token, reply.expires, scene.now)
    case 'incident':
      return incidentMessage(reply, scene.settings, scene.now)
    case 'incidents':
      return incidentsMessage(reply, scene.now)
    case 'timeline':
      return timelineMessage(reply, scene.now)
    case 'guides':
      return guidesMessage(reply, scene.now)
    case 'drills':
      return drillsMessage(reply.guides, scene.now)
    case 'on call':
      return onCallMessage(reply, scene.now)
    case 'document':
      return documentMessage(reply, scene.now)
    case 'metrics':
      return metricsMessage(reply.measures)
    case 'backups':
      return backupsMessage(reply.databases, scene.now)
    case 'backup list':
      return backupListMessage(reply, scene.now)
    case 'routines':
      return routinesMessage(reply, scene.now)
    case 'backup schedule':
      return backupScheduleMessage(reply.databases, scene.now)
    case 'handbook':
      return handbookMessage(reply)
  }
}

function acceptedMessage(reply: Extract<Reply, { kind: 'accepted' }>, { channelOf }: ReplyScene): Message {
  const channel = channelOf(reply.run.intent.environment)
  const where =
    channel && /^[CG][A-Z0-9]+$/.test(channel) ? `Its card is in <#${channel}>.` : 'Its card is in the release channel.'
  const again = reply.first ? '' : ' You asked for it before; nothing was done twice.'
  return message(`${escaped(reply.text)} #${reply.run.id}`, [
    section(`${signs.done} ${escaped(reply.text)}${again}`),
    context(where),
  ])
}

/** What was refused, why, and the way forward. */
export function refusalMessage({ code, what, why, next }: Refusal): Message {
  const lines = [`${signs.failed} *${quote(what, 300)}*`, quote(why, 900), quote(next, 600)].filter(
    (line) => line !== '',
  )
  return message([what, why, next].map((part) => quote(part, 300)).join(' '), [
    section(...lines),
    context(`Code \`${quote(code, 60)}\``),
  ])
}

function helpMessage(intro: string, entries: HelpEntry[]): Message {
  const lines = entries.map(
    ({ usage, summary, example }) =>
      `\`${quote(usage, 120)}\`\n${quote(summary, 200)}. For example: \`${quote(example, 120)}\``,
  )
  const parts = [section(escaped(intro)), ...chunked(lines, 8).map((part) => section(...part))]
  return message(escaped(intro), parts)
}

function tokenMessage(token: string, expires: Date, now: Date): Message {
  const lines = [
    '*Your token for the terminal.* It is shown this once.',
    `\`${escaped(token)}\``,
    `Run \`npx shipmate login\` and paste it there. It holds until ${momentToken(expires, now)}; a new one replaces it, \`/ops token revoke\` ends it.`,
  ]
  // The fallback reaches lock screens, so it does not carry the token.
  return message('Your token for the terminal is ready.', [section(...lines)])
}

export function chunked<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
