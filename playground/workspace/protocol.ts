/**
 * The workspace's control API: what the page in the browser and the tests say to the local Slack workspace.
 * Slack's own protocols (Web API, Socket Mode, signed HTTP) are spoken on other paths of the same server.
 *
 * All paths are below `/_control`, take and answer JSON, and are served on loopback only. Every answer is either
 * the type named beside the path or `Problem` with a 4xx status.
 *
 *   GET  /workspace                              Workspace
 *   GET  /as/:user/channels                      ChannelSummary[]
 *   GET  /as/:user/channels/:channel/messages    MessagePage      ?before=ts&limit=n (top level only, oldest first)
 *   GET  /as/:user/channels/:channel/threads/:ts Message[]        parent first
 *   GET  /as/:user/channels/:channel/canvases    Canvas[]         the channel's own first
 *   GET  /as/:user/home                          View | null      (opening is POST /as/:user/home)
 *   GET  /as/:user/modals                        View[]           bottom of the stack first
 *   GET  /as/:user/events                        server-sent events, each `data:` a Change
 *   POST /as/:user/send        Send              Reply            plain message or slash command
 *   POST /as/:user/click       Click             Reply            button, select, overflow, date picker …
 *   POST /as/:user/submit      Submit            SubmitReply      modal's submit
 *   POST /as/:user/close       { view_id, all? } Reply            modal's cancel or ×; `all` closes the whole stack
 *   POST /as/:user/options     OptionsQuery      OptionsReply     external select
 *   POST /as/:user/shortcut    Shortcut          Reply            global or message shortcut
 *   POST /as/:user/home        {}                Reply            open App Home (sends app_home_opened)
 *   POST /as/:user/react       React             Reply
 *   POST /as/:user/pin         { channel, ts, remove? }           Reply
 *   POST /as/:user/read        { channel, ts }   Reply            mark read up to ts
 *   POST /as/:user/join        { channel }       Reply
 *   POST /as/:user/leave       { channel }       Reply
 *   POST /as/:user/im          { user }          { channel: string }   open a direct message with a person or the app
 *   POST /as/:user/edit        { channel, ts, text }              Reply
 *   POST /as/:user/canvas      { channel, markdown }              Reply   types in the channel's own canvas
 *   POST /as/:user/delete      { channel, ts }   Reply
 *
 * For tests and demos:
 *   GET  /log                  ?since=n          ApiCall[]        every Web API call that came in
 *   GET  /deliveries           ?since=n          Delivery[]       every payload sent to the app
 *   POST /redeliver            { seq, times? }   Reply            send delivery `seq` again, as Slack's retry would
 *   POST /clock                { advance_ms }    { now_ms }       moves the workspace's clock (trigger ids, response urls, limits)
 *   POST /faults               Fault             Reply            applied to the next calls that match
 *   DELETE /faults                               Reply
 *   POST /sockets              SocketOrder       { open: number }
 *   POST /limits               { enabled }       Reply            rate limits on or off
 *   POST /people               NewPerson         Person
 *   POST /groups               { handle, users } Reply            replaces a group's members
 *   POST /notices              { channel, text }   Reply          Slackbot says it in the channel, once: not when it stands there
 *   POST /bookmarks            { channel, title, link, emoji? }  Reply   sets the bookmark of that title
 *   POST /event                { event }         Reply            send any Events API inner event to the app
 *   POST /reset                { keep_people? }  Reply            back to the seeded workspace
 */

export type Problem = { error: string }

export type Person = {
  id: string
  name: string
  real_name: string
  title: string
  /** CSS colour for the drawn avatar. */
  color: string
  kind: 'member' | 'guest' | 'bot'
  deleted: boolean
  tz: string
}

export type Workspace = {
  team: { id: string; name: string; domain: string }
  people: Person[]
  groups: { id: string; handle: string; name: string; users: string[] }[]
  app: {
    id: string
    bot_user_id: string
    name: string
    commands: { command: string; description: string; usage_hint: string }[]
    shortcuts: { type: 'global' | 'message'; name: string; callback_id: string; description: string }[]
    /** Open Socket Mode connections, or the request URL's last result in HTTP mode. */
    connected: boolean
  }
  now_ms: number
}

export type ChannelSummary = {
  id: string
  name: string
  kind: 'channel' | 'private' | 'im' | 'app'
  topic: string
  purpose: string
  archived: boolean
  member: boolean
  members: number
  /** The other person of a direct message. */
  with?: string
  unread: number
  mentions: number
  last_read: string
  bookmarks: { id: string; title: string; link: string; emoji?: string }[]
  pins: string[]
  /** Tabs beside its messages. */
  canvases: { id: string; title: string }[]
}

/** Block Kit as JSON; drawn by the page, validated by the workspace before it is stored. */
export type Block = { type: string; block_id?: string; [field: string]: unknown }

export type Message = {
  ts: string
  channel: string
  user: string
  bot_id?: string
  username?: string
  text: string
  blocks?: Block[]
  attachments?: { [field: string]: unknown }[]
  subtype?: string
  thread_ts?: string
  reply_count?: number
  reply_users?: string[]
  latest_reply?: string
  edited?: { user: string; ts: string }
  reactions?: { name: string; users: string[] }[]
  pinned?: boolean
  /** Only this person sees it. */
  ephemeral?: boolean
  files?: { id: string; name: string; title: string; mimetype: string; size: number; url: string; alt?: string }[]
  /** True when this message mentions the person who reads. */
  mentions_me?: boolean
}

/** Standard Markdown, not mrkdwn. */
export type Canvas = { id: string; title: string; markdown: string; updated_s: number; updated_by: string }

export type MessagePage = { messages: Message[]; has_more: boolean }

export type View = {
  id: string
  type: 'modal' | 'home'
  callback_id: string
  title?: { type: 'plain_text'; text: string }
  submit?: { type: 'plain_text'; text: string } | null
  close?: { type: 'plain_text'; text: string } | null
  blocks: Block[]
  private_metadata: string
  state: { values: StateValues }
  hash: string
  /** Errors the app gave for the last submission, by block_id. */
  errors?: { [block_id: string]: string }
}

export type StateValues = { [block_id: string]: { [action_id: string]: ElementState } }

/** The state of one element as Slack sends it, for example `{ type: 'plain_text_input', value: 'x' }`. */
export type ElementState = { type: string; [field: string]: unknown }

/** What changed for this person; the page fetches the named part again. */
export type Change =
  | { kind: 'channels' }
  | { kind: 'messages'; channel: string; ts: string; thread_ts?: string }
  | { kind: 'canvas'; channel: string }
  | { kind: 'modals' }
  | { kind: 'home' }
  | { kind: 'people' }
  | { kind: 'notice'; text: string }

export type Send = { channel: string; text: string; thread_ts?: string }

export type Click = {
  action_id: string
  block_id: string
  /** Where the element is: in a message … */
  channel?: string
  message_ts?: string
  /** … or in a view. */
  view_id?: string
  /** What the element then holds, for example `{ selected_option: {…} }` or `{ value: 'x' }`; none for a plain button. */
  state?: { [field: string]: unknown }
  /** Typed state of the other inputs of the view or message at that moment. */
  values?: StateValues
}

export type Submit = { view_id: string; values: StateValues }
export type OptionsQuery = {
  view_id?: string
  channel?: string
  message_ts?: string
  block_id: string
  action_id: string
  value: string
}
export type Shortcut = { callback_id: string; channel?: string; message_ts?: string }
export type React = { channel: string; ts: string; name: string; remove?: boolean }

/** `notice` is what Slack itself would tell the person (a timeout, "not supported in threads"). */
export type Reply = { ok: boolean; notice?: string; ts?: string }
export type SubmitReply = {
  ok: boolean
  result: 'closed' | 'errors' | 'updated' | 'pushed' | 'cleared' | 'trouble'
  errors?: { [block_id: string]: string }
  notice?: string
}
export type OptionsReply = { options?: unknown[]; option_groups?: unknown[]; notice?: string }

export type ApiCall = {
  seq: number
  at_ms: number
  method: string
  args: { [name: string]: unknown }
  token: 'bot' | 'app' | 'user' | 'none' | 'unknown'
  status: number
  ok: boolean
  error?: string
}

export type Delivery = {
  seq: number
  at_ms: number
  kind: 'slash_commands' | 'interactive' | 'events_api'
  via: 'socket' | 'http'
  payload: unknown
  retry: number
  acked_after_ms?: number
  outcome: 'acked' | 'timeout' | 'error' | 'pending' | 'no connection'
  /** What Slack would grumble about, for example an answer in an acknowledgement that takes none. */
  warning?: string
}

export type Fault = {
  /** `429`: answers with Retry-After; `5xx`: HTTP 503; `slow`: waits; `drop`: closes the connection after doing the work;
   *  `refuse`: closes it before; `error`: `{ ok: false, error }`; `duplicate-delivery` and `late-delivery` act on payloads to the app. */
  kind: '429' | '5xx' | 'slow' | 'drop' | 'refuse' | 'error' | 'duplicate-delivery' | 'late-delivery'
  /** A Web API method name; every method when left out. */
  method?: string
  times?: number
  retry_after_s?: number
  delay_ms?: number
  error?: string
}

export type SocketOrder = {
  order:
    | 'drop'
    | 'warning'
    | 'refresh_requested'
    | 'link_disabled'
    | 'too_many_websockets'
    | 'app_rate_limited'
    | 'status'
}

export type NewPerson = { name: string; real_name?: string; title?: string; kind?: Person['kind'] }
