/** Checks that may have to be green before an incident is resolved, in the order in which they are shown. */
export const gateNames = [
  'http.probe',
  'metrics.errors',
  'metrics.latency',
  'metrics.traffic',
  'tls.certificate',
  'dns.resolves',
  'postgres.reachable',
  'postgres.locks',
  'postgres.slow-queries',
  'postgres.connections',
  'postgres.idle-in-transaction',
  'postgres.replica-lag',
  'postgres.space',
  'postgres.integrity',
  'postgres.invariants',
  'redis.reachable',
  'redis.memory',
  'redis.evictions',
  'queue.backlog',
  'host.disk',
  'host.memory',
  'host.load',
  'logs.errors',
  'external.status',
  'alerts.quiet',
] as const
export type GateName = (typeof gateNames)[number]

/** Where vendors say how they are. `status` speaks Statuspage's `/api/v2/summary.json`; `probe` only has to answer. */
export const knownVendors: { [name: string]: { status?: string; probe?: string } } = {
  cloudflare: { status: 'https://www.cloudflarestatus.com' },
  github: { status: 'https://www.githubstatus.com' },
  sentry: { status: 'https://status.sentry.io' },
  'stack-auth': { probe: 'https://api.stack-auth.com/health' },
  stripe: { probe: 'https://api.stripe.com/healthcheck' },
  supabase: { status: 'https://status.supabase.com' },
  vercel: { status: 'https://www.vercel-status.com' },
}
