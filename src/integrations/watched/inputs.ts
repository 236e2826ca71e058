import { z } from 'zod'
import { parseDuration } from '../../releases/durations.js'

/** Whose trouble it is; what is looked at there stands under `watch` in the operator's file. */
export const at = { service: z.string(), environment: z.string() }
export type At = { service: string; environment: string }

/** Milliseconds, written as a number of them or as "30s" or "5m". */
export const span = z.union([
  z.number().nonnegative(),
  z
    .string()
    .refine((text) => parseDuration(text) !== null, { error: 'a duration such as "30s" or "5m"' })
    .transform((text) => parseDuration(text) ?? 0),
])

/** A share: 0.9, or percent as 90 or "90 %". */
export const share = z
  .union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)? ?%$/, { error: 'a percentage such as "90 %"' })])
  .transform((value) => (typeof value === 'string' ? Number.parseFloat(value) / 100 : value > 1 ? value / 100 : value))

/** Percent as people write it: 1, "1", "1 %"; kept as a share. */
export const percentage = z
  .union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)? ?%?$/, { error: 'a percentage such as "1 %"' })])
  .transform((value) => Number.parseFloat(String(value)) / 100)

export const amount = z.coerce.number().nonnegative()

/** A session's process; null when the check that looked for one found none. */
export const pid = z
  .union([
    z.number().int().positive(),
    z
      .string()
      .regex(/^\d{1,10}$/)
      .transform(Number),
  ])
  .nullish()
  .transform((value) => value ?? null)
