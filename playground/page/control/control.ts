import type {
  Canvas,
  ChannelSummary,
  Click,
  Message,
  MessagePage,
  OptionsQuery,
  OptionsReply,
  Problem,
  React,
  Reply,
  Send,
  Shortcut,
  Submit,
  SubmitReply,
  View,
  Workspace,
} from '../../workspace/protocol.js'

export type Control = ReturnType<typeof createControl>

/** Everything one person can see and do in the workspace. Each call throws an `Error` with the workspace's own word when it refuses. */
export function createControl(user: string) {
  const as = `/as/${encodeURIComponent(user)}`
  const channel = (id: string) => `${as}/channels/${encodeURIComponent(id)}`
  return {
    user,
    eventsUrl: `${root}${as}/events`,
    channels: () => read<ChannelSummary[]>(`${as}/channels`),
    messages: (id: string, limit: number) => read<MessagePage>(`${channel(id)}/messages?limit=${limit}`),
    thread: (id: string, ts: string) => read<Message[]>(`${channel(id)}/threads/${encodeURIComponent(ts)}`),
    canvases: (id: string) => read<Canvas[]>(`${channel(id)}/canvases`),
    home: () => read<View | null>(`${as}/home`),
    modals: () => read<View[]>(`${as}/modals`),
    send: (send: Send) => post<Reply>(`${as}/send`, send),
    click: (click: Click) => post<Reply>(`${as}/click`, click),
    submit: (submit: Submit) => post<SubmitReply>(`${as}/submit`, submit),
    close: (view_id: string, all: boolean) => post<Reply>(`${as}/close`, { view_id, all }),
    options: (query: OptionsQuery) => post<OptionsReply>(`${as}/options`, query),
    shortcut: (shortcut: Shortcut) => post<Reply>(`${as}/shortcut`, shortcut),
    openHome: () => post<Reply>(`${as}/home`, {}),
    react: (react: React) => post<Reply>(`${as}/react`, react),
    pin: (pin: { channel: string; ts: string; remove?: boolean }) => post<Reply>(`${as}/pin`, pin),
    read: (mark: { channel: string; ts: string }) => post<Reply>(`${as}/read`, mark),
    join: (id: string) => post<Reply>(`${as}/join`, { channel: id }),
    leave: (id: string) => post<Reply>(`${as}/leave`, { channel: id }),
    im: (other: string) => post<{ channel: string }>(`${as}/im`, { user: other }),
    edit: (edit: { channel: string; ts: string; text: string }) => post<Reply>(`${as}/edit`, edit),
    remove: (message: { channel: string; ts: string }) => post<Reply>(`${as}/delete`, message),
  }
}

export function fetchWorkspace(): Promise<Workspace> {
  return read<Workspace>('/workspace')
}

const root = '/_control'

const read = <T>(path: string): Promise<T> => call<T>(path, { method: 'GET' })

const post = <T>(path: string, body: unknown): Promise<T> =>
  call<T>(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const reply = await fetch(`${root}${path}`, init).catch(() => {
    throw new Error('The workspace does not answer. Is the playground still running?')
  })
  const body: unknown = await reply.json().catch(() => ({ error: `HTTP ${reply.status}` }))
  if (!reply.ok) throw new Error((body as Problem).error ?? `HTTP ${reply.status}`)
  return body as T
}
