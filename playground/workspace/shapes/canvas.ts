import type { CanvasRow } from '../state/rows.js'
import type { World } from '../world.js'

/** The one canvas that a channel has of its own. */
export function channelCanvas(world: World, channel: string): CanvasRow | undefined {
  return world.state.canvases.all().find((row) => row.kind === 'channel' && row.channel === channel)
}

/** Every canvas that a channel shows as a tab, its own first. */
export function tabsOf(world: World, channel: string): CanvasRow[] {
  const rows = world.state.canvases.all().filter((row) => row.channel === channel)
  return [...rows.filter(({ kind }) => kind === 'channel'), ...rows.filter(({ kind }) => kind === 'tab')]
}

export const markdownOf = ({ sections }: CanvasRow): string => sections.map(({ markdown }) => markdown).join('\n\n')

export const isBlank = (row: CanvasRow): boolean => markdownOf(row).trim() === ''
