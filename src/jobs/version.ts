import { z } from 'zod'

/** How a version may be written. What exists is the release source's to say. */
export const version = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$/, { error: 'a version such as v1.8.0' })
