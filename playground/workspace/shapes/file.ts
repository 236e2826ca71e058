import type { FileRow, Json } from '../state/rows.js'
import type { World } from '../world.js'

/** A file as Slack's methods show it; undefined when it was deleted. */
export function fileJson(world: World, id: string): Json | undefined {
  const row = world.state.files.get(id)
  if (!row) return undefined
  const url = `${world.url()}/files-pri/${world.team.id}-${row.id}/${encodeURIComponent(row.name)}`
  return {
    id: row.id,
    created: row.created,
    timestamp: row.created,
    name: row.name,
    title: row.title,
    mimetype: row.mimetype,
    filetype: filetype(row),
    user: row.user,
    size: row.size,
    mode: 'hosted',
    is_external: false,
    is_public: false,
    alt_txt: row.alt_txt,
    url_private: url,
    url_private_download: url,
    permalink: `${world.url()}/files/${row.user}/${row.id}/${encodeURIComponent(row.name)}`,
    channels: row.shares.map((share) => share.channel),
    shares: { public: sharesByChannel(row) },
  }
}

function filetype(row: FileRow): string {
  return /\.([a-z0-9]+)$/i.exec(row.name)?.[1]?.toLowerCase() ?? 'text'
}

function sharesByChannel(row: FileRow): { [channel: string]: { ts: string }[] } {
  const byChannel: { [channel: string]: { ts: string }[] } = {}
  for (const { channel, ts } of row.shares) byChannel[channel] = [...(byChannel[channel] ?? []), { ts }]
  return byChannel
}
