import { z } from 'zod'
import { gateNames } from '../watch-words.js'
import { duration, list, matching, name, oneOf, percent, secret, text, webAddress, whole } from './values.js'

/** Databases that services use. Without `operator` they are only looked at. */
export const databasesSection = z
  .record(
    name,
    z.strictObject({
      url: secret,
      operator: secret.optional(),
      size: matching(/^\d+(\.\d+)? ?[KMGT]B$/, 'a size such as "50 GB"')
        .transform(bytesOf)
        .optional(),
    }),
    { error: 'databases by name' },
  )
  .default({})

export const cachesSection = z
  .record(name, z.strictObject({ url: secret, operator: secret.optional() }), { error: 'caches by name' })
  .default({})

export const prometheusSection = z.strictObject({ url: webAddress, token: secret.optional() })

const query = text('a PromQL expression')
const path = matching(/^(\/|\$\{).+/, 'an absolute path')
const metrics = z.strictObject({
  match: text('label matchers such as \'job="shop"\'').optional(),
  window: matching(/^\d+[smh]$/, 'a PromQL duration such as "2m"').default('2m'),
  errors: query.optional(),
  latency: query.optional(),
  traffic: query.optional(),
  maxErrors: percent.default(0.01),
  maxLatency: duration.default(1_000),
  maxFactor: whole(2, 1_000).default(3),
  usual: list(duration, 'a list of durations such as [1h, 1d]').default([3_600_000, 86_400_000, 604_800_000]),
})

const question = z
  .string({ error: 'one SQL statement that uses $1 and $2' })
  .refine((sql) => sql.includes('$1') && sql.includes('$2'), {
    error: 'one SQL statement that uses $1 (from) and $2 (until)',
  })
const impact = z.strictObject({
  users: question.optional(),
  counts: z.record(name, question, { error: 'questions by name' }).default({}),
  window: duration.default(600_000),
  usual: list(duration, 'a list of durations such as [1h, 1d]').default([3_600_000, 86_400_000, 604_800_000]),
})

const command = z.strictObject({
  run: list(z.string({ error: 'a word of the command' }), 'a program and its arguments, as a list').refine(
    ([program]) => Boolean(program),
    { error: 'a program and its arguments, as a list' },
  ),
  within: duration.default(60_000),
})

const external = z.strictObject({
  name: text('the name of a vendor'),
  status: webAddress.optional(),
  probe: webAddress.optional(),
  components: list(text('the name of a component'), 'a list of components').default([]),
})

/** What is looked at, and what may be done, when a service in an environment is in trouble. */
export const watchSection = z.strictObject({
  database: text('the name of a database').optional(),
  cache: text('the name of a cache').optional(),
  probe: webAddress.optional(),
  tls: z
    .strictObject({
      address: matching(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'a host with its port, such as "shop.example.com:443"'),
      name: text('the name that the certificate must be for').optional(),
      ca: path.optional(),
    })
    .optional(),
  dns: z
    .strictObject({
      names: list(text('a host name'), 'a list of host names').min(1, { error: 'at least one host name' }),
      servers: list(text('the address of a name server'), 'a list of name servers').default([]),
    })
    .optional(),
  metrics: metrics.optional(),
  impact: impact.optional(),
  queue: z
    .strictObject({
      cache: text('the name of a cache'),
      names: list(text('the name of a queue'), 'a list of queues').min(1, { error: 'at least one queue' }),
      prefix: text('the prefix of its keys').default('bull'),
      maxWaiting: whole(0, 10_000_000).default(1_000),
      olderThan: duration.default(300_000),
    })
    .optional(),
  disk: list(path, 'a list of absolute paths').default([]),
  clean: list(
    z.strictObject({
      path,
      olderThan: duration,
      ending: text('how the names of files end, such as ".log"').optional(),
    }),
    'a list of folders with the age of what may go',
  ).default([]),
  logs: list(path, 'a list of log files').default([]),
  commands: z.record(name, command, { error: 'commands by name' }).default({}),
  externals: list(external, 'a list of vendors').default([]),
  secrets: z.record(name, z.strictObject({ secret, url: webAddress }), { error: 'secrets by name' }).default({}),
  edge: z
    .strictObject({
      driver: oneOf('cloudflare'),
      zone: text('the id of the zone'),
      token: secret,
      api: webAddress.default('https://api.cloudflare.com/client/v4'),
    })
    .optional(),
  gate: list(oneOf(...gateNames), `a list out of ${gateNames.join(', ')}`).optional(),
})

export type WatchInFile = z.output<typeof watchSection>

function bytesOf(size: string): number {
  const [, number = '0', unit = 'KB'] = /^([\d.]+) ?([KMGT]B)$/.exec(size) ?? []
  return Math.round(Number(number) * 1024 ** (['KB', 'MB', 'GB', 'TB'].indexOf(unit) + 1))
}
