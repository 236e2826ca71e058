import type { ChannelSummary, Workspace } from '../../workspace/protocol.js'
import { searchEmoji } from '../text/emoji.js'

export type Suggestion = {
  id: string
  title: string
  /** What may follow: a command's usage hint. */
  hint?: string
  note?: string
  /** Put in place of what was typed. */
  insert: string
  /** Whose picture stands beside it. */
  person?: string
  sign?: string
}

/** What the text before the caret may become: replace `from`…`to` with a suggestion's `insert`. */
export type Completion = { label: string; from: number; to: number; suggestions: Suggestion[] }

export type Sources = { workspace: Workspace; channels: ChannelSummary[]; inThread: boolean }

const most = 8

/** Suggestions for the word at the caret: commands after `/` at the start, names after `@` and `#`, emoji after `:`. */
export function completionAt(text: string, caret: number, sources: Sources): Completion | undefined {
  const before = text.slice(0, caret)
  const found =
    commands(before, sources) ??
    word(before, '@', people, sources) ??
    word(before, '#', channelsNamed, sources) ??
    emoji(before)
  return found && found.suggestions.length > 0 ? found : undefined
}

/** The command whose words are being typed, to show its usage above the composer. */
export function commandIn(text: string, { app }: Workspace): Workspace['app']['commands'][number] | undefined {
  const name = /^(\/\S+)\s/.exec(text)?.[1]
  return app.commands.find(({ command }) => command === name)
}

function commands(before: string, { workspace, inThread }: Sources): Completion | undefined {
  const typed = /^\/\S*$/.exec(before)?.[0].toLowerCase()
  if (typed === undefined || inThread) return undefined
  const suggestions = workspace.app.commands
    .filter(({ command }) => command.includes(typed.slice(1)))
    .sort((a, b) => Number(b.command.startsWith(typed)) - Number(a.command.startsWith(typed)))
    .map(({ command, usage_hint, description }) => ({
      id: command,
      title: command,
      hint: usage_hint,
      note: description,
      insert: `${command} `,
      person: workspace.app.bot_user_id,
    }))
  return { label: 'Commands', from: 0, to: before.length, suggestions }
}

function word(
  before: string,
  sign: '@' | '#',
  find: (typed: string, sources: Sources) => Suggestion[],
  sources: Sources,
): Completion | undefined {
  const typed = new RegExp(`(?:^|[\\s(])${sign}([\\p{L}\\p{N}._-]*)$`, 'u').exec(before)?.[1]
  if (typed === undefined) return undefined
  const suggestions = find(typed.toLowerCase(), sources).slice(0, most)
  return {
    label: sign === '@' ? 'People' : 'Channels',
    from: before.length - typed.length - 1,
    to: before.length,
    suggestions,
  }
}

function people(typed: string, { workspace }: Sources): Suggestion[] {
  const starts = (...names: string[]) =>
    names.some((name) =>
      name
        .toLowerCase()
        .split(/\s+/)
        .concat(name.toLowerCase())
        .some((part) => part.startsWith(typed)),
    )
  const persons = workspace.people
    .filter(({ deleted, name, real_name }) => !deleted && starts(name, real_name))
    .map(({ id, name, real_name, title }) => ({
      id,
      title: real_name || name,
      hint: name,
      note: title,
      insert: `@${name} `,
      person: id,
    }))
  const groups = workspace.groups
    .filter(({ handle, name }) => starts(handle, name))
    .map(({ id, handle, name, users }) => ({
      id,
      title: `@${handle}`,
      note: `${name} · ${users.length === 1 ? '1 person' : `${users.length} people`}`,
      insert: `@${handle} `,
      sign: '👥',
    }))
  return [...persons, ...groups, ...broadcasts.filter(({ id }) => id.startsWith(typed))]
}

const broadcasts: Suggestion[] = [
  { id: 'here', title: '@here', note: 'Notify every online member of this channel', insert: '@here ', sign: '📣' },
  { id: 'channel', title: '@channel', note: 'Notify everyone in this channel', insert: '@channel ', sign: '📣' },
]

function channelsNamed(typed: string, { channels }: Sources): Suggestion[] {
  return channels
    .filter(({ kind, archived, name }) => ['channel', 'private'].includes(kind) && !archived && name.includes(typed))
    .map(({ id, name, topic, purpose }) => ({
      id,
      title: `#${name}`,
      note: topic || purpose,
      insert: `#${name} `,
      sign: '#',
    }))
}

function emoji(before: string): Completion | undefined {
  const typed = /(?:^|[\s(]):([a-z0-9_+-]{2,})$/i.exec(before)?.[1]
  if (typed === undefined) return undefined
  const suggestions = searchEmoji(typed, most).map(({ name, character }) => ({
    id: name,
    title: `:${name}:`,
    insert: `:${name}: `,
    sign: character,
  }))
  return { label: 'Emoji', from: before.length - typed.length - 1, to: before.length, suggestions }
}
