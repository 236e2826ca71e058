import type { Message } from '../../../playground/workspace/protocol.js'
import { createPerson, wordsOf } from '../../support/person.js'
import type { Storm } from '../storm.js'
import { type Truth, twice } from './incident-truth.js'

/** What the workspace shows of incidents. */
export type Shown = {
  channels: { id: string; name: string }[]
  /** Messages of each incident's channel, and of the threads in it. */
  messages: { channel: string; words: string; card: boolean }[]
}

export async function shownBy(storm: Storm): Promise<Shown> {
  const rita = createPerson(storm.workspaceUrl, 'U0RITA')
  const all = await rita.channels()
  const channels = all.filter(({ name }) => name.startsWith('inc-')).map(({ id, name }) => ({ id, name }))
  const messages: Shown['messages'] = []
  for (const { id } of channels) {
    const standing = await rita.messages(id)
    const shown = (message: Message) => ({ channel: id, words: wordsOf(message), card: isCard(message) })
    messages.push(...standing.map(shown))
    for (const { ts, reply_count } of standing)
      if (reply_count) messages.push(...(await rita.thread(id, ts)).slice(1).map(shown))
  }
  return { channels, messages }
}

const isCard = (message: Message): boolean => /"block_id":"incident-\d+"/.test(JSON.stringify(message.blocks ?? []))

/** One channel and one card for each incident, and nothing that was to be said once was said twice. */
export function shownTroubles({ channels, messages }: Shown, { incidents, posts }: Truth): string[] {
  const found: string[] = []
  for (const { id, channel } of incidents) {
    const own = channels.filter(({ name }) => name.startsWith(`inc-${id}-`))
    if (own.length !== 1) found.push(`INC-${id} has ${own.length} channels`)
    const inIt = messages.filter((message) => message.channel === channel)
    const cards = inIt.filter(({ card }) => card).length
    if (cards !== 1) found.push(`INC-${id} has ${cards} cards`)
    const due = posts.filter(({ incident, key, sent }) => incident === id && sent && key.startsWith('remind:')).length
    const said = inIt.filter(({ words }) => /The next update is due/.test(words)).length
    if (said !== due) found.push(`INC-${id} was reminded ${said} times instead of ${due}`)
  }
  for (const key of twice(posts.map(({ incident, key }) => `${key} of INC-${incident}`)))
    found.push(`${key} stands twice`)
  return found
}

/** Notes whose delivery Slack has an acknowledgement for, and that nobody was told were not taken. */
export async function acknowledgedNotes(storm: Storm): Promise<{ incident: number; text: string }[]> {
  const rita = createPerson(storm.workspaceUrl, 'U0RITA')
  const told = (await rita.messages('C0RELEASES')).map(wordsOf).join('\n')
  if (/was not taken/.test(told)) console.log('something was not taken')
  const deliveries = await storm.control.deliveries('slash_commands')
  return deliveries.flatMap(({ outcome, payload }) => {
    const [, incident, text] = /^note INC-(\d+) (word \d+\.)$/.exec(String((payload as { text?: string }).text)) ?? []
    return outcome === 'acked' && text ? [{ incident: Number(incident), text }] : []
  })
}
