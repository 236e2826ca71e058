import { createStatusFace } from '../../http/status-page/face.js'
import { createPublicPage } from '../../http/status-page/public-page.js'
import type { Store } from '../../store/connect.js'
import type { AppParts, Closing } from '../parts.js'

/** Serves the status page where the operator's file wants it served; it needs neither Slack nor a worker. */
export async function startStatusPage({ catalogue, clock, log }: AppParts, { incidents }: Store, opened: Closing[]) {
  const section = catalogue.statusPage
  if (!section || section.port === 0) return
  const page = createPublicPage({ section, zone: catalogue.zone, rows: incidents.public, clock, log })
  const face = createStatusFace({ page, port: section.port, address: section.listen, log })
  await face.listen()
  opened.push(face.close)
}
