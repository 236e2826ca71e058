import { z } from 'zod'
import type { AlertRecord } from '../alert.js'

/** What the sender of an alert knows of the error behind it; nobody's name, address or id. */
export type ErrorContext = {
  /** Where it was thrown, newest call first: "applyDiscount (src/cart.ts:42)". */
  frames: string[]
  /** Where each of them is read, in the release that threw it; empty where that is not known. */
  code: string[]
  /** With what it was seen: release, browser, system, plan. */
  seenWith: string[]
  /** How many people it hit, and how often it happened; null while the sender does not say. */
  people: number | null
  times: number | null
}

const shape = z.object({
  frames: z.array(z.string()).catch([]),
  code: z.array(z.string()).catch([]),
  seenWith: z.array(z.string()).catch([]),
  people: z.number().nullable().catch(null),
  times: z.number().nullable().catch(null),
})

/** The context of an alert's error; all of it empty where there is none. */
export const errorContextOf = ({ data }: Pick<AlertRecord, 'data'>): ErrorContext => shape.parse(data)
