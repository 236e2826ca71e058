import type { ApiCall, Delivery, Fault, NewPerson, Person, SocketOrder } from '../../playground/workspace/protocol.js'

/** The local workspace's control API, for tests: reads, orders, faults, the clock. */
export type Control = {
  get<Answer>(path: string): Promise<Answer>
  post<Answer>(path: string, body: object): Promise<Answer>
  /** Every Web API call so far, or those of one method. */
  calls(method?: string): Promise<ApiCall[]>
  /** Every payload sent to the app so far, or those of one kind. */
  deliveries(kind?: Delivery['kind']): Promise<Delivery[]>
  redeliver(seq: number, times?: number): Promise<void>
  fault(fault: Fault): Promise<void>
  clearFaults(): Promise<void>
  /** Moves the workspace's clock; trigger ids, response urls, limits, retries and the 3-second rule follow it. */
  advance(ms: number): Promise<void>
  /** Obeys and answers how many Socket Mode connections are open then. */
  sockets(order: SocketOrder['order']): Promise<number>
  limits(enabled: boolean): Promise<void>
  hire(person: NewPerson): Promise<Person>
  group(handle: string, users: string[]): Promise<void>
  /** Sends an inner event to the app whatever it subscribed to. */
  event(event: { type: string; [field: string]: unknown }): Promise<void>
  reset(): Promise<void>
}

export function createControl(url: string): Control {
  const ask = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${url}/_control${path}`, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${Object(answer).error ?? response.status}`)
    return answer as Answer
  }
  const get = <Answer>(path: string) => ask<Answer>('GET', path)
  const post = <Answer>(path: string, body: object) => ask<Answer>('POST', path, body)
  const order = async (path: string, body: object) => void (await post(path, body))
  return {
    get,
    post,
    calls: async (method) => (await get<ApiCall[]>('/log')).filter((call) => !method || call.method === method),
    deliveries: async (kind) => (await get<Delivery[]>('/deliveries')).filter((one) => !kind || one.kind === kind),
    redeliver: (seq, times = 1) => order('/redeliver', { seq, times }),
    fault: (fault) => order('/faults', fault),
    clearFaults: () => ask('DELETE', '/faults'),
    advance: (ms) => order('/clock', { advance_ms: ms }),
    sockets: async (wanted) => (await post<{ open: number }>('/sockets', { order: wanted })).open,
    limits: (enabled) => order('/limits', { enabled }),
    hire: (person) => post('/people', person),
    group: (handle, users) => order('/groups', { handle, users }),
    event: (event) => order('/event', { event }),
    reset: () => order('/reset', {}),
  }
}
