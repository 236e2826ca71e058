import type { WatchedParts, Watching } from '../watched/parts.js'
import { acceptedCheck } from './accepted.js'
import { certificateCheck } from './certificate.js'
import { namesCheck } from './names.js'
import { probeCheck } from './probe.js'

/** Looks at a place from outside, as visitors and thieves do. */
export const createProbes = (parts: WatchedParts): Watching => ({
  checks: [probeCheck(parts), certificateCheck(parts), namesCheck(parts), acceptedCheck(parts)],
  actions: [],
})
