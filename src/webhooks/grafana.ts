import { noticesOf } from './alertmanager.js'
import { authorizedBy, isFresh, signedBy } from './proof.js'
import { header, nothingRead, type Sender } from './sender.js'

const signatureHeader = 'x-grafana-alerting-signature'
const timestampHeader = 'x-grafana-alerting-timestamp'

/**
 * Grafana's webhook contact point, with its HMAC: hex over the body, or over `<seconds>:<body>` where a timestamp header is
 * set. A Grafana older than 12 signs nothing and sends an authorization header instead.
 */
export const grafana: Sender = {
  source: 'grafana',
  path: '/alerts/grafana',
  claims: (headers) => header(headers, signatureHeader) !== null || header(headers, 'authorization') !== null,
  proves({ headers, body, at }, secrets) {
    const signature = header(headers, signatureHeader)
    if (signature === null) return authorizedBy(headers, secrets, null)
    const seconds = header(headers, timestampHeader)
    if (seconds === null) return signedBy(secrets, [body], [signature])
    return isFresh(seconds, at) && signedBy(secrets, [`${seconds}:`, body], [signature])
  },
  // Like Alertmanager it repeats itself on purpose.
  read: (body, { at }) => ({ ...nothingRead, notices: noticesOf(body, 'grafana', at) }),
}
