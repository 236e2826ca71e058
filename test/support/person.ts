import type {
  ChannelSummary,
  Click,
  Message,
  MessagePage,
  OptionsQuery,
  OptionsReply,
  Reply,
  StateValues,
  SubmitReply,
  View,
} from '../../playground/workspace/protocol.js'
import { type Control, createControl } from './control.js'
import { elementsOf, type Found } from './elements.js'
import { waitFor } from './wait-for.js'

/**
 * A person of the local workspace who acts and reads as its page does. Channels are named by id (`C0RELEASES`) or by
 * name (`releases`, `#releases`; `shipmate` is the direct messages with the app). Everything that a person would wait for
 * is waited for: a method whose name starts with `see` looks again until it sees it, ten seconds unless told otherwise.
 *
 *     const rita = createPerson(workspace.url, 'U0RITA')
 *     await rita.send('releases', '/deploy prod')
 *     const card = await rita.seeMessage('releases', /waiting for approval/)
 *     await rita.click('releases', 'Approve')                       // on the newest message that has such a button
 *     await rita.seeModal(/Reject/)
 *     await rita.submit({ reason: 'Friday' })                       // by action_id, into the modal on top
 */
export type Person = {
  id: string
  /** Sends a message or a slash command; the reply's `notice` is what Slack itself tells the person. */
  send(channel: string, text: string, options?: { thread_ts?: string }): Promise<Reply>
  /** Channels, direct messages and the app, as the list shows them. */
  channels(): Promise<ChannelSummary[]>
  channel(name: string): Promise<ChannelSummary>
  /** What stands in the channel, oldest first; ephemeral messages to this person included. */
  messages(channel: string): Promise<Message[]>
  /** A thread, its parent first. */
  thread(channel: string, ts: string): Promise<Message[]>
  /** The newest message of the channel whose text or blocks match, waited for. */
  seeMessage(channel: string, words: RegExp, withinMs?: number): Promise<Message>
  /** The newest reply in the thread whose text or blocks match, waited for. */
  seeReply(channel: string, ts: string, words: RegExp, withinMs?: number): Promise<Message>
  /**
   * Presses a button (or uses another element) by its text or its action_id, in the newest message of the channel or
   * thread that has one; `on.ts` names another message; `choose` is what the element then holds, for example
   * `{ selected_option: … }`.
   */
  click(
    channel: string,
    what: string,
    on?: { ts?: string; thread_ts?: string; choose?: Click['state'] },
  ): Promise<Reply>
  /** The same in the modal on top. */
  clickInModal(what: string, options?: { choose?: Click['state']; values?: TypedValues }): Promise<Reply>
  clickInHome(what: string, options?: { choose?: Click['state'] }): Promise<Reply>
  /** Open modals, bottom first. */
  modals(): Promise<View[]>
  /** The modal on top once its title or blocks match. */
  seeModal(words: RegExp, withinMs?: number): Promise<View>
  /** Waits until no modal is open. */
  seeNoModal(withinMs?: number): Promise<void>
  /**
   * Presses submit in the modal on top. Values are given by action_id: a string for inputs, date pickers and selects
   * (an option's value), a list of strings for multi-selects and checkboxes, or the element's state itself.
   */
  submit(values?: TypedValues): Promise<SubmitReply>
  /** Cancels the modal on top; `all` closes the whole stack. */
  close(options?: { all?: boolean }): Promise<Reply>
  /** What an external select in the modal on top offers for this text. */
  options(what: string, value: string): Promise<OptionsReply>
  /** Opens the app's Home tab. */
  openHome(): Promise<Reply>
  home(): Promise<View | null>
  /** The Home tab once its blocks match. */
  seeHome(words: RegExp, withinMs?: number): Promise<View>
  shortcut(callback_id: string, on?: { channel: string; ts: string }): Promise<Reply>
  react(channel: string, ts: string, name: string, options?: { remove?: boolean }): Promise<Reply>
  pin(channel: string, ts: string, options?: { remove?: boolean }): Promise<Reply>
  read(channel: string, ts: string): Promise<Reply>
  join(channel: string): Promise<Reply>
  leave(channel: string): Promise<Reply>
  edit(channel: string, ts: string, text: string): Promise<Reply>
  delete(channel: string, ts: string): Promise<Reply>
  /** The id of the direct messages with somebody. */
  im(user: string): Promise<string>
}

export type TypedValues = { [action_id: string]: string | string[] | { [field: string]: unknown } }

/** A person by id (`U0RITA`) in the workspace at `url`. */
export function createPerson(url: string, id: string): Person {
  const control = createControl(url)
  const at = (path: string) => `/as/${id}/${path}`
  const act = <Answer = Reply>(path: string, body: object = {}) => control.post<Answer>(at(path), body)
  const channels = () => control.get<ChannelSummary[]>(at('channels'))
  const idOf = channelIds(channels)
  const inChannel = async (channel: string) => at(`channels/${await idOf(channel)}`)
  const messages = async (channel: string) => pageMessages(control, await inChannel(channel))
  const thread = async (channel: string, ts: string) =>
    control.get<Message[]>(`${await inChannel(channel)}/threads/${ts}`)
  const modals = () => control.get<View[]>(at('modals'))
  const home = () => control.get<View | null>(at('home'))
  const top = async () => (await modals()).at(-1) ?? fail(`${id} has no modal open`)
  const on = async (path: string, channel: string, fields: object) =>
    act(path, { channel: await idOf(channel), ...fields })

  return {
    id,
    send: (channel, text, options = {}) => on('send', channel, { text, ...options }),
    channels,
    channel: async (name) => {
      const wanted = await idOf(name)
      return (await channels()).find((row) => row.id === wanted) ?? fail(`${id} sees no channel ${name}`)
    },
    messages,
    thread,
    seeMessage: (channel, words, withinMs) =>
      waitFor(`${id} sees ${words} in ${channel}`, async () => newest(await messages(channel), words), withinMs),
    seeReply: (channel, ts, words, withinMs) =>
      waitFor(
        `${id} sees the reply ${words}`,
        async () => newest((await thread(channel, ts)).slice(1), words),
        withinMs,
      ),
    click: async (channel, what, { ts, thread_ts, choose } = {}) => {
      const rows = thread_ts ? await thread(channel, thread_ts) : await messages(channel)
      const { found, message_ts } = inMessages(rows, what, ts) ?? fail(`${id} sees no ${what} in ${channel}`)
      return on('click', channel, { ...found, message_ts, state: choose })
    },
    clickInModal: async (what, { choose, values = {} } = {}) => {
      const view = await top()
      const typed = typedValues(view, values)
      return act('click', { ...pick(view, what), view_id: view.id, state: choose, values: typed })
    },
    clickInHome: async (what, { choose } = {}) => {
      const view = (await home()) ?? fail(`${id} has no Home tab`)
      return act('click', { ...pick(view, what), view_id: view.id, state: choose })
    },
    modals,
    seeModal: (words, withinMs) =>
      waitFor(`${id} sees the modal ${words}`, async () => matching((await modals()).at(-1), words), withinMs),
    seeNoModal: async (withinMs) => {
      await waitFor(`${id} sees no modal`, async () => (await modals()).length === 0 || undefined, withinMs)
    },
    submit: async (values = {}) => {
      const view = await top()
      return act<SubmitReply>('submit', { view_id: view.id, values: typedValues(view, values) })
    },
    close: async ({ all = false } = {}) => act('close', { view_id: (await top()).id, all }),
    options: async (what, value) => {
      const view = await top()
      const query: OptionsQuery = { ...pick(view, what), view_id: view.id, value }
      return act<OptionsReply>('options', query)
    },
    openHome: () => act('home'),
    home,
    seeHome: (words, withinMs) =>
      waitFor(`${id} sees ${words} in Home`, async () => matching((await home()) ?? undefined, words), withinMs),
    shortcut: async (callback_id, place) =>
      act('shortcut', { callback_id, ...(place && { channel: await idOf(place.channel), message_ts: place.ts }) }),
    react: (channel, ts, name, { remove } = {}) => on('react', channel, { ts, name, remove }),
    pin: (channel, ts, { remove } = {}) => on('pin', channel, { ts, remove }),
    read: (channel, ts) => on('read', channel, { ts }),
    join: (channel) => on('join', channel, {}),
    leave: (channel) => on('leave', channel, {}),
    edit: (channel, ts, text) => on('edit', channel, { ts, text }),
    delete: (channel, ts) => on('delete', channel, { ts }),
    im: async (user) => (await act<{ channel: string }>('im', { user })).channel,
  }
}

/** Everything that a message says to a reader: its text and every text in its blocks. */
export function wordsOf(seen: Message | View): string {
  const text = 'text' in seen ? seen.text : ''
  const title = 'title' in seen ? seen.title?.text : ''
  const attachments = 'attachments' in seen ? seen.attachments : undefined
  return [text, title, ...textsIn(seen.blocks), ...textsIn(attachments)].join('\n')
}

function channelIds(channels: () => Promise<ChannelSummary[]>): (name: string) => Promise<string> {
  return async (name) => {
    if (/^[CDG][A-Z0-9]{6,}$/.test(name)) return name
    const wanted = name.replace(/^#/, '')
    return (await channels()).find((row) => row.name === wanted)?.id ?? fail(`there is no channel ${name} to see`)
  }
}

async function pageMessages(control: Control, path: string): Promise<Message[]> {
  return (await control.get<MessagePage>(`${path}/messages?limit=1000`)).messages
}

function newest(rows: Message[], words: RegExp): Message | undefined {
  return rows.toReversed().find((row) => words.test(wordsOf(row)))
}

function matching(view: View | undefined, words: RegExp): View | undefined {
  return view && words.test(wordsOf(view)) ? view : undefined
}

function inMessages(rows: Message[], what: string, ts: string | undefined) {
  for (const row of rows.toReversed()) {
    if (ts && row.ts !== ts) continue
    const blocks = [...(row.blocks ?? []), ...(row.attachments ?? [])]
    const found = elementsOf(blocks).find((one) => isNamed(one, what))
    if (found) return { found: { block_id: found.block_id, action_id: found.action_id }, message_ts: row.ts }
  }
  return undefined
}

function pick(view: View, what: string): { block_id: string; action_id: string } {
  const found = elementsOf(view.blocks).find((one) => isNamed(one, what)) ?? fail(`the view has no ${what}`)
  return { block_id: found.block_id, action_id: found.action_id }
}

function isNamed({ action_id, text }: Found, what: string): boolean {
  return action_id === what || text === what
}

function typedValues(view: View, values: TypedValues): StateValues {
  const typed: StateValues = {}
  for (const [action_id, value] of Object.entries(values)) {
    const found = elementsOf(view.blocks).find((one) => one.action_id === action_id) ?? fail(`no input ${action_id}`)
    typed[found.block_id] = { ...typed[found.block_id], [action_id]: { type: found.type, ...found.holding(value) } }
  }
  return typed
}

function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([field, item]) =>
    typeof item === 'string' && ['text', 'title', 'alt_text'].includes(field) ? [item] : textsIn(item),
  )
}

function fail(problem: string): never {
  throw new Error(problem)
}
