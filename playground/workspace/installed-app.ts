import type { Manifest } from './manifest.js'
import { seed } from './seed.js'

export type Command = { command: string; description: string; usage_hint: string; should_escape: boolean }
export type ShortcutRule = { type: 'global' | 'message'; name: string; callback_id: string; description: string }

/** The app as the workspace installed it: what its manifest lets it say, hear and show. */
export type InstalledApp = {
  id: string
  bot_id: string
  bot_user_id: string
  name: string
  display_name: string
  commands: Command[]
  shortcuts: ShortcutRule[]
  scopes: ReadonlySet<string>
  events: ReadonlySet<string>
  homeTab: boolean
  interactive: boolean
  socketMode: boolean
}

export function installApp(manifest: Manifest): InstalledApp {
  const { features, settings, oauth_config, display_information } = manifest
  const scopes = oauth_config?.scopes
  const shown = { description: '', usage_hint: '', should_escape: false }
  return {
    ...seed.app,
    name: display_information.name,
    display_name: features?.bot_user?.display_name ?? display_information.name,
    commands: (features?.slash_commands ?? []).map(({ url: _, ...command }) => ({ ...shown, ...command })),
    shortcuts: features?.shortcuts ?? [],
    scopes: new Set([...(scopes?.bot ?? []), ...(scopes?.bot_optional ?? [])]),
    events: new Set(settings?.event_subscriptions?.bot_events ?? []),
    homeTab: features?.app_home?.home_tab_enabled ?? false,
    interactive: settings?.interactivity?.is_enabled ?? false,
    socketMode: settings?.socket_mode_enabled ?? false,
  }
}
