import type { ConversationFilter, Option } from '@slack/types'
import type { ChannelSummary } from '../../workspace/protocol.js'
import type { Session } from '../control/session.js'
import type { AnyElement } from './initial-state.js'

export type Group = { label?: string; options: Option[] }

/** The choices of a select, whatever they are taken from; an external select asks the app instead. */
export function optionGroups(element: AnyElement, session: Session): Group[] {
  const kind = element.type.replace(/^multi_/, '')
  if (kind === 'users_select') return [{ options: people(session) }]
  if (kind === 'channels_select')
    return [{ options: session.channels.filter(({ kind: of }) => of === 'channel').map(asOption) }]
  if (kind === 'conversations_select')
    return [{ options: conversations(session.channels, element.filter as ConversationFilter | undefined) }]
  return groupsIn({ options: element.options, option_groups: element.option_groups })
}

/** `options` or `option_groups` of an element or of an app's answer. */
export function groupsIn(answer: { options?: unknown; option_groups?: unknown }): Group[] {
  const groups = (answer.option_groups ?? []) as { label: { text: string }; options: Option[] }[]
  const options = (answer.options ?? []) as Option[]
  return [
    ...(options.length > 0 ? [{ options }] : []),
    ...groups.map(({ label, options: of }) => ({ label: label.text, options: of })),
  ]
}

/** The groups with the options whose text contains the words; empty groups fall away. */
export function matching(groups: Group[], words: string): Group[] {
  const wanted = words.trim().toLowerCase()
  return groups
    .map((group) => ({
      ...group,
      options: group.options.filter(({ text }) => text.text.toLowerCase().includes(wanted)),
    }))
    .filter(({ options }) => options.length > 0)
}

function people({ workspace }: Session): Option[] {
  return workspace.people
    .filter(({ deleted }) => !deleted)
    .map(({ id, name, real_name }) => ({ value: id, text: { type: 'plain_text', text: real_name || name } }))
}

function conversations(channels: ChannelSummary[], filter: ConversationFilter | undefined): Option[] {
  const kinds = { channel: 'public', private: 'private', im: 'im', app: 'im' } as const
  const include = filter?.include
  return channels
    .filter(({ kind }) => !include || (include as string[]).includes(kinds[kind]))
    .filter(({ kind }) => !(filter?.exclude_bot_users && kind === 'app'))
    .map(asOption)
}

function asOption({ id, name, kind }: ChannelSummary): Option {
  return { value: id, text: { type: 'plain_text', text: kind === 'channel' ? `#${name}` : name } }
}
