import type { StatusPage, Told } from '../../incidents/public/status.js'
import { escaped } from './escaped.js'

/** As many as a reader of feeds needs to have missed nothing. */
const newest = 50

/** The published updates as an Atom feed, newest first; each keeps its id for ever, so that readers show it once. */
export function feedOf({ title, address, open, past, changedAt }: StatusPage): string {
  const base = address.replace(/\/$/, '')
  const entries = [...open, ...past]
    .flatMap((told) => told.updates.map((update) => ({ told, update })))
    .sort((a, b) => b.update.publishedAt.getTime() - a.update.publishedAt.getTime() || b.update.id - a.update.id)
    .slice(0, newest)
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>${escaped(title)}</title>
<id>${escaped(base)}/</id>
<link href="${escaped(base)}/"/>
<link rel="self" href="${escaped(base)}/feed.atom"/>
<updated>${(changedAt ?? new Date(0)).toISOString()}</updated>
<author><name>${escaped(title)}</name></author>
${entries.map((one) => entryOf(one, base)).join('\n')}
</feed>
`
}

function entryOf({ told, update }: { told: Told; update: Told['updates'][number] }, base: string): string {
  return `<entry>
<id>${escaped(base)}/#update-${update.id}</id>
<title>${escaped(`${told.heading} (${update.phase})`)}</title>
<link href="${escaped(base)}/#incident-${told.id}"/>
<updated>${update.publishedAt.toISOString()}</updated>
<content type="text">${escaped(update.text)}</content>
</entry>`
}
