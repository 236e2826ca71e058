import { z } from 'zod'
import { processIdSchema } from '../processes.js'

/** What a host's agent has to know after a restart. */
export const instanceSchema = z.object({
  id: z.string(),
  key: z.string(),
  generation: z.number(),
  service: z.string(),
  environment: z.string(),
  version: z.string(),
  env: z.record(z.string(), z.string()),
  port: z.number(),
  /** In the process's arguments and on its /version: tells ours from any other. */
  mark: z.string(),
  process: processIdSchema.nullable(),
  wanted: z.enum(['running', 'stopped']),
  restarts: z.number(),
  startedAt: z.string(),
})

export const migrationResultSchema = z.object({
  ok: z.boolean(),
  output: z.string(),
  at: z.string(),
  tookMs: z.number(),
})

export const hostStateSchema = z.object({
  generations: z.record(z.string(), z.number()),
  instances: z.record(z.string(), instanceSchema),
  migrations: z.record(z.string(), migrationResultSchema),
})

export type InstanceRecord = z.infer<typeof instanceSchema>
export type MigrationResult = z.infer<typeof migrationResultSchema>
export type HostState = z.infer<typeof hostStateSchema>

export const emptyHostState = (): HostState => ({ generations: {}, instances: {}, migrations: {} })

/** What one service in one environment is called on hosts and on the proxy. */
export const scopeOf = (service: string, environment: string) => `${service}-${environment}`

export const hostConfigSchema = z.object({
  name: z.string(),
  port: z.number(),
  mark: z.string(),
  dir: z.string(),
  releases: z.string(),
  tokenFile: z.string(),
  /** JSON with the environment of instances by scope (`storefront-prod`); read at every start of one. */
  envFile: z.string(),
})
export type HostConfig = z.infer<typeof hostConfigSchema>

export const envFileSchema = z.record(z.string(), z.record(z.string(), z.string()))
