import { once } from 'node:events'
import { copyFileSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createSecureContext, createServer } from 'node:tls'
import { createAuthority } from '../watched/authority.js'

/** A door with TLS that reads its certificate again for every visitor. */
export async function tlsDoor() {
  const authority = createAuthority()
  const live = join(authority.dir, 'live.pem')
  const fresh = authority.sign('fresh', -1, 89)
  const expired = authority.sign('expired', -91, -1.5)
  copyFileSync(fresh, live)
  const server = createServer({
    SNICallback: (_name, done) => done(null, createSecureContext({ cert: readFileSync(live), key: authority.key })),
  }).listen(0, '127.0.0.1')
  server.on('tlsClientError', () => {})
  await once(server, 'listening')
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    watch: `tls: { address: "${address}", name: shop.test, ca: ${authority.ca} }`,
    reload: ['/bin/cp', fresh, live],
    expire: () => copyFileSync(expired, live),
    close: () => void server.close(),
  }
}
