import { z } from 'zod'

/** Prefix of the buttons that say at once that a routine is done. */
export const routinePrefix = 'routine'

const pressed = z.strictObject({ occurrence: z.string().regex(/^\d{1,15}$/), as: z.literal('done') })

/** Null when the value is not one that a message of ours carries. */
export function decodeRoutinePress(text: string | undefined): { occurrence: string; as: 'done' } | null {
  if (text === undefined || text.length > 200) return null
  try {
    const parsed = pressed.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
