import { z } from 'zod'

/** Where a modal was opened from, so that its answer finds the way back; kept in the view, which only the app sees. */
export type Origin = z.infer<typeof originShape>

const originShape = z.object({
  channel: z.string().max(50).optional(),
  thread: z.string().max(50).optional(),
  responseUrl: z.string().max(1000).optional(),
  /** What the form was opened with and has no field for, such as the incident it is about. */
  known: z.record(z.string(), z.string().max(1000)).optional(),
  /** The button that asked for words: its value as it was on the card. */
  press: z.string().max(2000).optional(),
})

export const encodeOrigin = (origin: Origin): string => JSON.stringify(origin)

/** Nothing known when the metadata is not ours. */
export function decodeOrigin(text: string): Origin {
  try {
    return originShape.parse(JSON.parse(text))
  } catch {
    return {}
  }
}
