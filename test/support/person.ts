import type {
  Canvas,
  ChannelSummary,
  Click,
  Message,
  OptionsReply,
  Reply,
  SubmitReply,
  View,
} from '../../playground/workspace/protocol.js'
import { createControl } from './control.js'
import { inMessages, pick, type TypedValues, typedValues } from './elements.js'
import { createEyes } from './eyes.js'

export type { TypedValues } from './elements.js'
export { wordsOf } from './eyes.js'

/**
 * A person of the local workspace who acts and reads as its page does. Channels are named by id (`C0RELEASES`) or by
 * name (`releases`, `#releases`; `shipmate` is the direct messages with the app). Everything that a person would wait for
 * is waited for: a method whose name starts with `see` looks until it sees it, half a minute unless told otherwise.
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
  /** The newest 200 messages that stand in the channel, oldest first; ephemeral ones to this person included. */
  messages(channel: string): Promise<Message[]>
  /** A thread, its parent first. */
  thread(channel: string, ts: string): Promise<Message[]>
  /** The pages that stand beside the channel's messages, its own first. */
  canvases(channel: string): Promise<Canvas[]>
  /** Types this Markdown in the channel's own page. */
  writeCanvas(channel: string, markdown: string): Promise<Reply>
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

/** A person by id (`U0RITA`) in the workspace at `url`. */
export function createPerson(url: string, id: string): Person {
  const control = createControl(url)
  const eyes = createEyes(control, id)
  const act = <Answer = Reply>(path: string, body: object = {}) => control.post<Answer>(`/as/${id}/${path}`, body)
  const on = async (path: string, channel: string, fields: object = {}) =>
    act(path, { channel: await eyes.idOf(channel), ...fields })
  const home = async () => (await eyes.home()) ?? missing(`${id} has no Home tab`)

  return {
    id,
    ...eyes,
    send: (channel, text, options = {}) => on('send', channel, { text, ...options }),
    click: async (channel, what, { ts, thread_ts, choose } = {}) => {
      const rows = thread_ts ? await eyes.thread(channel, thread_ts) : await eyes.messages(channel)
      const found = inMessages(rows, what, ts) ?? missing(`${id} sees no ${what} in ${channel}`)
      return on('click', channel, { ...found, state: choose })
    },
    clickInModal: async (what, { choose, values = {} } = {}) => {
      const view = await eyes.topModal()
      const typed = typedValues(view.blocks, values)
      return act('click', { ...pick(view.blocks, what), view_id: view.id, state: choose, values: typed })
    },
    clickInHome: async (what, { choose } = {}) => {
      const view = await home()
      return act('click', { ...pick(view.blocks, what), view_id: view.id, state: choose })
    },
    submit: async (values = {}) => {
      const view = await eyes.topModal()
      return act<SubmitReply>('submit', { view_id: view.id, values: typedValues(view.blocks, values) })
    },
    close: async ({ all = false } = {}) => act('close', { view_id: (await eyes.topModal()).id, all }),
    options: async (what, value) => {
      const view = await eyes.topModal()
      return act<OptionsReply>('options', { ...pick(view.blocks, what), view_id: view.id, value })
    },
    openHome: () => act('home'),
    shortcut: async (callback_id, place) =>
      act('shortcut', { callback_id, ...(place && { channel: await eyes.idOf(place.channel), message_ts: place.ts }) }),
    react: (channel, ts, name, { remove } = {}) => on('react', channel, { ts, name, remove }),
    pin: (channel, ts, { remove } = {}) => on('pin', channel, { ts, remove }),
    read: (channel, ts) => on('read', channel, { ts }),
    join: (channel) => on('join', channel),
    leave: (channel) => on('leave', channel),
    writeCanvas: (channel, markdown) => on('canvas', channel, { markdown }),
    edit: (channel, ts, text) => on('edit', channel, { ts, text }),
    delete: (channel, ts) => on('delete', channel, { ts }),
    im: async (user) => (await act<{ channel: string }>('im', { user })).channel,
  }
}

function missing(problem: string): never {
  throw new Error(problem)
}
