import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const url = z.url({ protocol: /^https?$/, error: 'a URL' }).max(3000)
const scopes = z
  .array(
    z
      .string()
      .max(50)
      .regex(/^[a-z_.]+(:[a-z_.]+)*$/, 'a scope such as chat:write'),
  )
  .max(255)
const events = z
  .array(
    z
      .string()
      .max(50)
      .regex(/^[a-z_.]+$/, 'an event such as app_mention'),
  )
  .max(100)
  .refine((all) => new Set(all).size === all.length, 'each event once')

const unique = (key: string) => (items: { [key: string]: unknown }[]) =>
  new Set(items.map((item) => item[key])).size === items.length
const fiveOfEach = (items: { type: string }[]) =>
  ['global', 'message'].every((type) => items.filter((item) => item.type === type).length <= 5)

const displayInformation = z.strictObject({
  name: z.string().min(1).max(35),
  description: z.string().min(1).max(140).optional(),
  long_description: z.string().min(175).max(4000).optional(),
  background_color: z
    .string()
    .regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i, 'a colour such as #1f2a37')
    .optional(),
})

const shortcut = z.strictObject({
  type: z.enum(['message', 'global']),
  name: z.string().min(1).max(24),
  description: z.string().min(1).max(150),
  callback_id: z.string().min(1).max(255),
})

const slashCommand = z.strictObject({
  command: z
    .string()
    .min(2)
    .max(32)
    .regex(/^\/[^\sA-Z/]+$/, 'a command such as /deploy, in lower case'),
  description: z.string().min(1).max(2000),
  usage_hint: z.string().min(1).max(1000).optional(),
  should_escape: z.boolean().optional(),
  url: url.optional(),
})

const suggestedPrompt = z.strictObject({ title: z.string().min(1), message: z.string().min(1) })

const features = z.strictObject({
  app_home: z
    .strictObject({
      home_tab_enabled: z.boolean().optional(),
      messages_tab_enabled: z.boolean().optional(),
      messages_tab_read_only_enabled: z.boolean().optional(),
    })
    .optional(),
  bot_user: z
    .strictObject({ display_name: z.string().min(1).max(80), always_online: z.boolean().optional() })
    .optional(),
  shortcuts: z.array(shortcut).min(1).max(10).refine(fiveOfEach, 'at most 5 global and 5 message shortcuts').optional(),
  slash_commands: z.array(slashCommand).min(1).max(50).refine(unique('command'), 'each command once').optional(),
  assistant_view: z
    .strictObject({
      assistant_description: z.string().min(1).max(300),
      suggested_prompts: z.array(suggestedPrompt).max(4).optional(),
    })
    .optional(),
})

const oauthConfig = z.strictObject({
  redirect_urls: z.array(url).optional(),
  scopes: z.strictObject({
    bot: scopes.optional(),
    user: scopes.optional(),
    bot_optional: scopes.optional(),
    user_optional: scopes.optional(),
  }),
})

const settings = z.strictObject({
  event_subscriptions: z
    .strictObject({ request_url: url.optional(), bot_events: events.optional(), user_events: events.optional() })
    .optional(),
  interactivity: z
    .strictObject({
      is_enabled: z.boolean(),
      request_url: url.optional(),
      message_menu_options_url: url.optional(),
    })
    .optional(),
  socket_mode_enabled: z.boolean().optional(),
  org_deploy_enabled: z.boolean().optional(),
  token_rotation_enabled: z.boolean().optional(),
})

/** The parts of Slack's app manifest, version 2, that the workspace obeys; any other key is refused. */
export const manifestSchema = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(2), minor_version: z.number().int().optional() }).optional(),
  display_information: displayInformation,
  features: features.optional(),
  oauth_config: oauthConfig.optional(),
  settings: settings.optional(),
})

export type Manifest = z.infer<typeof manifestSchema>

/** The app manifest in that YAML (or JSON) file; throws one error that lists every place it breaks. */
export function readManifest(path: string): Manifest {
  const given: unknown = parseYaml(path)
  const read = manifestSchema.safeParse(given)
  if (read.success) return read.data
  const lines = read.error.issues.flatMap((issue) => linesOf(issue, given))
  throw new Error(`${path} is not an app manifest that Slack takes:\n${lines.map((line) => `  ${line}`).join('\n')}`)
}

function parseYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    const came = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${path}: wanted an app manifest as YAML, came: ${came}`, { cause })
  }
}

function linesOf(issue: z.core.$ZodIssue, given: unknown): string[] {
  const at = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${[...at, key].join('.')}: wanted no such key, came ${shown(valueAt(given, [...at, key]))}`,
    )
  }
  return [`${at.join('.') || 'the file'}: wanted ${wanted(issue)}, came ${shown(valueAt(given, at))}`]
}

function wanted(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `a value of type ${issue.expected}`
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ')
  const unit = 'origin' in issue && issue.origin === 'array' ? 'items' : 'characters'
  if (issue.code === 'too_big') return `at most ${issue.maximum} ${unit}`
  if (issue.code === 'too_small') return `at least ${issue.minimum} ${unit}`
  return issue.message
}

function valueAt(given: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as { [key: string]: unknown })[key] : undefined,
    given,
  )
}

/** A value on one line, cut; a manifest holds no secrets. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 60
    ? `${text.slice(0, 60)}… (${typeof value === 'string' ? value.length : text.length} characters)`
    : text
}
