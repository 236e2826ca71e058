import { refused } from '../errors.js'

/** The parts of an app manifest that differ between two installations. */
export type AppManifest = {
  display_information: { name: string }
  features?: {
    bot_user?: { display_name: string }
    slash_commands?: { command: string; url?: string }[]
  }
  settings?: {
    event_subscriptions?: { request_url?: string }
    interactivity?: { is_enabled: boolean; request_url?: string }
    socket_mode_enabled?: boolean
  }
}

export type ManifestChanges = {
  /** Put before each command, so that two installations can share a workspace: `acme` makes `/acme-deploy`. */
  prefix?: string
  /** The app's and its bot's name; Slack takes up to 35 characters. */
  name?: string
  /** Where Slack shall send everything, in full; Socket Mode is then off. */
  requestUrl?: string
}

/** The manifest for one installation; what was given is not changed. Refuses what Slack would refuse. */
export function manifestWith<M extends AppManifest>(manifest: M, changes: ManifestChanges): M {
  const changed = structuredClone(manifest)
  if (changes.name !== undefined) rename(changed, changes.name)
  if (changes.prefix !== undefined) prefixCommands(changed, changes.prefix)
  if (changes.requestUrl !== undefined) sendTo(changed, changes.requestUrl)
  return changed
}

const longestName = 35
const longestCommand = 32

function rename(manifest: AppManifest, name: string): void {
  if (name.trim() === '' || name.length > longestName) {
    throw refused('manifest-name', 'Slack does not take this name for an app.', {
      wanted: `1 to ${longestName} characters`,
      came: name.trim() === '' ? 'an empty name' : `${name.length} characters`,
      next: 'Choose a shorter name.',
    })
  }
  manifest.display_information.name = name
  if (manifest.features?.bot_user) manifest.features.bot_user.display_name = name
}

function prefixCommands(manifest: AppManifest, prefix: string): void {
  const commands = manifest.features?.slash_commands ?? []
  const longest = Math.max(0, ...commands.map(({ command }) => command.length))
  const room = longestCommand - longest - 1
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(prefix) || prefix.length > room) {
    throw refused('manifest-prefix', 'Slack does not take this prefix for commands.', {
      wanted: `1 to ${room} lower-case letters, digits, hyphens or underscores, a letter or digit first`,
      came: prefix.length > 60 ? `${prefix.length} characters` : `"${prefix}"`,
      next: 'Choose a prefix such as acme, which makes /acme-deploy.',
    })
  }
  for (const command of commands) command.command = `/${prefix}-${command.command.slice(1)}`
}

function sendTo(manifest: AppManifest, requestUrl: string): void {
  if (!URL.canParse(requestUrl) || new URL(requestUrl).protocol !== 'https:') {
    throw refused('manifest-request-url', 'Slack does not send to this address.', {
      wanted: 'a full https:// URL that Slack can reach',
      came: `"${requestUrl.slice(0, 200)}"`,
      next: 'Give the public address, for example https://shipmate.example.com/slack/events.',
    })
  }
  for (const command of manifest.features?.slash_commands ?? []) command.url = requestUrl
  const { event_subscriptions: events, interactivity } = manifest.settings ?? {}
  manifest.settings = {
    ...manifest.settings,
    socket_mode_enabled: false,
    ...(events ? { event_subscriptions: { ...events, request_url: requestUrl } } : {}),
    ...(interactivity ? { interactivity: { ...interactivity, request_url: requestUrl } } : {}),
  }
}
