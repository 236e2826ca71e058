import type { Call } from './room-world.js'

/** Whether a call was made for that incident. */
export const isOf = (args: Call['args'], channel: string | null, name: string, id: number): boolean =>
  args.channel === channel ||
  args.channel_id === channel ||
  args.name === name ||
  JSON.stringify(args.blocks ?? '').includes(`INC-${id}`)

/** How many of these calls began only after another one had ended, at most. */
export function inARow(calls: Call[]): number {
  const longest: number[] = []
  const ordered = [...calls].sort((a, b) => a.from - b.from)
  ordered.forEach((call, at) => {
    const before = ordered.slice(0, at).map((one, index) => (one.to <= call.from ? (longest[index] ?? 0) : 0))
    longest.push(1 + Math.max(0, ...before))
  })
  return Math.max(0, ...longest)
}
