import { z } from 'zod'
import type { AlertNotice } from '../../incidents/alert.js'
import { fileAddress, releaseNamed } from '../../releases/repository.js'
import type { AlertParts } from './parts.js'

const places = z.object({ places: z.array(z.string()) })

/** Where the frames of an error are read, in the release that threw it. What cannot be told keeps no alert waiting. */
export async function withCode(
  { code, log }: Pick<AlertParts, 'code' | 'log'>,
  notice: AlertNotice,
): Promise<AlertNotice> {
  const read = places.safeParse(notice.data)
  const { service } = notice
  const named = notice.labels.release
  const source = service === null || !named || !read.success ? null : code(service)
  if (!read.success || service === null || !named || !source) return notice
  try {
    const release = releaseNamed(await source.releases.list(service), service, named)
    if (!release) return notice
    const addresses = read.data.places.map((place) => fileAddress(source.repository, release, place) ?? '')
    return { ...notice, data: { ...notice.data, code: addresses } }
  } catch (thrown) {
    log.info({ service, err: thrown }, 'where the code of an error is read could not be told')
    return notice
  }
}
