import type { IncomingHttpHeaders } from 'node:http'

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Why a request is refused, or undefined when it may pass. The workspace has no log-in, so a page from elsewhere must
 * reach it neither by a name that resolves to loopback nor by a request that the browser sends across origins.
 */
export function refusalOf(request: {
  method?: string
  url?: string
  headers: IncomingHttpHeaders
}): string | undefined {
  const { host = '', origin } = request.headers
  if (!loopback.has(hostname(host))) return 'The workspace answers on loopback only.'
  if (origin !== undefined && origin !== `http://${host}`) return 'The workspace takes no request from another origin.'
  const site = request.headers['sec-fetch-site']
  const foreign = site === 'cross-site' || site === 'same-site'
  const isVisit = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate'
  const isPage = isVisit && !/^\/(api|_control|respond)\//.test(request.url ?? '')
  return foreign && !isPage ? 'The workspace takes no request from another origin.' : undefined
}

function hostname(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}
