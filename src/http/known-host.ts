import { refused } from '../errors.js'

const loopback = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Throws unless the Host header names this machine or a host the operator listed. A page in somebody's browser that
 * points its own name at 127.0.0.1 gets nothing.
 */
export function requireKnownHost(header: string | undefined, hosts: string[]): void {
  const name = (header ?? '').toLowerCase().replace(/:\d+$/, '')
  if ([...loopback, ...hosts.map((host) => host.toLowerCase())].includes(name)) return
  throw refused('host-unknown', 'Shipmate does not answer under this name.', {
    wanted: `one of ${[...loopback, ...hosts].join(', ')}`,
    came: name.slice(0, 100) || 'no Host header',
    next: 'Call it by one of those names, or list the name in the configuration.',
  })
}
