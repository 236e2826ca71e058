import type { CanvasRow } from '../state/rows.js'
import { splitSections } from '../text/canvas-markdown.js'
import type { World } from '../world.js'
import { showChannels } from './channels.js'

export type NewCanvas = Pick<CanvasRow, 'kind' | 'title'> & { channel?: string; markdown: string; user: string }

export function createCanvas(world: World, { kind, title, channel, markdown, user }: NewCanvas): CanvasRow {
  const now = Math.floor(world.clock.now() / 1000)
  const row = world.state.canvases.put({
    ...{ id: world.state.ids.next('F'), kind, title, creator: user, created: now, updated: now, updated_by: user },
    ...(channel && { channel }),
    sections: sectionsFrom(world, markdown),
  })
  show(world, row)
  return row
}

/** Writes what changed, and tells the pages that show it. */
export function changeCanvas(
  world: World,
  row: CanvasRow,
  fields: Partial<Pick<CanvasRow, 'title' | 'sections'>>,
  user: string,
): CanvasRow {
  const updated = Math.floor(world.clock.now() / 1000)
  const changed = world.state.canvases.put({ ...row, ...fields, updated, updated_by: user })
  show(world, changed)
  return changed
}

export function deleteCanvas(world: World, row: CanvasRow): void {
  world.state.canvases.delete(row.id)
  show(world, row)
}

export function sectionsFrom(world: World, markdown: string): CanvasRow['sections'] {
  return splitSections(markdown).map((part) => ({
    id: `temp:C:${world.state.ids.next('').toLowerCase()}`,
    markdown: part,
  }))
}

function show(world: World, { channel: id }: CanvasRow): void {
  const channel = id === undefined ? undefined : world.state.channels.get(id)
  if (!channel) return
  showChannels(world, channel)
  if (channel.kind === 'channel') world.changes.tellAll({ kind: 'canvas', channel: channel.id })
  else world.changes.tell(channel.members, { kind: 'canvas', channel: channel.id })
}
