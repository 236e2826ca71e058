import { z } from 'zod'

/** Which service, where. Addresses and tokens are looked up when a step runs; they are no part of a plan. */
export const placeInput = z.object({ target: z.string(), service: z.string(), environment: z.string() })
export type PlaceInput = z.infer<typeof placeInput>

export const instanceRef = z.object({ id: z.string(), host: z.string(), version: z.string() })
export type InstanceRef = z.infer<typeof instanceRef>

export const upstreamRef = instanceRef.extend({
  /** Percent of the traffic. */
  weight: z.number().min(0).max(100),
  /** Where it was when planned; used when its host cannot be asked. */
  url: z.string().nullable(),
})
export type UpstreamRef = z.infer<typeof upstreamRef>

export const artifactInput = placeInput.extend({ version: z.string(), artifact: z.string() })
export const reachableInput = placeInput
export const migrateInput = artifactInput.extend({ host: z.string() })
export const startInput = placeInput.extend({
  ...instanceRef.shape,
  artifact: z.string().nullable(),
  /** Milliseconds to wait until it is ready; 0 does not wait. */
  ready: z.number(),
})
export const readyInput = placeInput.extend({ instances: z.array(instanceRef), within: z.number() })
export const shiftInput = placeInput.extend({
  upstreams: z.array(upstreamRef),
  version: z.string().nullable(),
  /** False leaves out instances that are gone, as long as one is left: for going back. */
  all: z.boolean(),
  /** It was planned when a person had put the traffic where it is. */
  byHand: z.boolean().default(false),
})
export const retireInput = placeInput.extend({ instances: z.array(instanceRef), drain: z.number() })
export const verifyInput = placeInput.extend({
  version: z.string(),
  share: z.number(),
  for: z.number(),
  maxErrors: z.number(),
  minRequests: z.number(),
})
