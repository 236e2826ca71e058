import { createServer } from 'node:http'

export type SlackSink = {
  apiUrl: string
  /** Where answers to commands go. */
  responseUrl: string
  /** How many answers came so far. */
  answers(): number
  stop(): void
}

/** As much of Slack as one workspace of one full member needs, and a place where answers to commands vanish. */
export async function startSlackSink(): Promise<SlackSink> {
  let answers = 0
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path.startsWith('/respond')) answers += 1
    const body = path.startsWith('/respond') ? 'ok' : JSON.stringify({ ok: true, ...said[path.slice('/api/'.length)] })
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    apiUrl: `${origin}/api/`,
    responseUrl: `${origin}/respond`,
    answers: () => answers,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const member = { id: 'U0REQUESTER', team_id: 'T0BENCH', name: 'requester', profile: {} }

const said: { [method: string]: object } = {
  'auth.test': { team_id: 'T0BENCH', team: 'Bench', user_id: 'U0SHIPMATE', bot_id: 'B0SHIPMATE' },
  'users.info': { user: member },
  'usergroups.list': { usergroups: [{ id: 'S0MANAGERS', handle: 'release-managers', users: ['U0REQUESTER', 'U0B'] }] },
}
