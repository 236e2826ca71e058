import { z } from 'zod'

/** What a card's button carries: which run, step, round and plan were shown. Everything else is decided on the server. */
export type PressValue = z.infer<typeof pressValue>

const pressValue = z.strictObject({
  name: z.enum(['approve', 'confirm', 'reject', 'cancel', 'choose', 'roll back', 'retry', 'details']),
  run: z.number().int().positive(),
  step: z.string().max(255).optional(),
  round: z.number().int().optional(),
  digest: z.string().max(64).optional(),
  answer: z.string().max(75).optional(),
})

export const encodePress = (value: PressValue): string => JSON.stringify(value)

/** Null when the value is not one that a card of ours carries. */
export function decodePress(text: string | undefined): PressValue | null {
  if (text === undefined || text.length > 2000) return null
  try {
    const parsed = pressValue.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
