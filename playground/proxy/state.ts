import { z } from 'zod'

export const upstreamSchema = z.object({
  id: z.string().min(1).max(100),
  url: z.url({ protocol: /^http$/ }),
  weight: z.number().min(0).max(1000),
  version: z.string().min(1).max(80),
})
export type Upstream = z.infer<typeof upstreamSchema>

export const proxyStateSchema = z.object({
  generations: z.record(z.string(), z.number()),
  routes: z.record(z.string(), z.array(upstreamSchema)),
  /** The key of the last order for each route, and of the one it took the place of. */
  orders: z.record(z.string(), z.object({ key: z.string(), over: z.string().nullable() })).default({}),
})
export type ProxyState = z.infer<typeof proxyStateSchema>

export const proxyConfigSchema = z.object({
  name: z.string(),
  mark: z.string(),
  dir: z.string(),
  tokenFile: z.string(),
  publicPort: z.number(),
  adminPort: z.number(),
  /** The route for visitors who ask for no route by name. */
  home: z.string().optional(),
})
export type ProxyConfig = z.infer<typeof proxyConfigSchema>
