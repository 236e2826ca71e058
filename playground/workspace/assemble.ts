import { createChanges } from './changes.js'
import { createClock } from './clock.js'
import { createDelivery } from './delivery/delivery.js'
import type { Carrier, Parcel } from './delivery/parcel.js'
import { createRequests } from './delivery/requests.js'
import { createSockets, type Sockets } from './delivery/sockets.js'
import { createFaults } from './faults.js'
import { installApp } from './installed-app.js'
import { createResponseUrls } from './interaction/response-urls.js'
import { createTriggers } from './interaction/triggers.js'
import { createLimits } from './limits.js'
import { createLog } from './log.js'
import type { Manifest } from './manifest.js'
import type { ApiCall } from './protocol.js'
import { handleOf, seed, seedChannels, seedGroups, seedPeople } from './seed.js'
import { openState, type State } from './state/state.js'
import { createUploadedBytes } from './uploaded-bytes.js'
import type { Tokens, World } from './world.js'

export type Delivering = { mode: 'socket' } | { mode: 'http'; url: string }

export type Assembled = { world: World; sockets: Sockets; carrier: Carrier; reset(keep: { people: boolean }): void }

/** Puts a workspace together from what was kept in `dataDir`, or from the seed. `url` is asked after it listens. */
export function assemble(parts: {
  manifest: Manifest
  tokens: Tokens
  dataDir: string | undefined
  delivery: Delivering | undefined
  limits: boolean
  url: () => string
}): Assembled {
  const { manifest, tokens, dataDir, url } = parts
  const clock = createClock()
  const state = openState(dataDir, clock.now)
  const app = installApp(manifest)
  if (state.isNew) plant(state, app.display_name, clock.now())
  renameBot(state, app.display_name)

  const changes = createChanges()
  const counted = () => changes.tellAll({ kind: 'people' })
  const sockets = createSockets({ clock, appId: app.id, secret: state.ids.secret, counted })
  const carrier = carrierFor(manifest, parts.delivery, sockets, { clock, signingSecret: tokens.signingSecret })
  const faults = createFaults()
  const limits = createLimits()
  limits.enabled = parts.limits
  const world: World = {
    team: { ...seed.team },
    app: { ...app, socketMode: carrier === sockets },
    tokens,
    clock,
    state,
    changes,
    limits,
    faults,
    calls: createLog<ApiCall>(),
    delivery: createDelivery({ clock, faults, carrier }),
    triggers: createTriggers(clock, seed.team.id, state.ids.secret),
    responseUrls: createResponseUrls(state, clock, url),
    bytes: createUploadedBytes(dataDir),
    url,
  }
  return { world, sockets, carrier, reset: (keep) => reset(world, keep) }
}

function plant(state: State, botName: string, now: number): void {
  const created = Math.floor(now / 1000)
  if (state.people.all().length === 0) for (const row of seedPeople(botName)) state.people.put(row)
  if (state.groups.all().length === 0) for (const row of seedGroups(created)) state.groups.put(row)
  for (const row of seedChannels(created)) state.channels.put(row)
}

// The manifest may have given the app another name since the last start.
function renameBot(state: State, botName: string): void {
  const bot = state.people.get(seed.app.bot_user_id)
  if (bot && bot.real_name !== botName) state.people.put({ ...bot, name: handleOf(botName), real_name: botName })
}

function reset(world: World, keep: { people: boolean }): void {
  world.state.clear(keep)
  plant(world.state, world.app.display_name, world.clock.now())
  world.faults.clear()
  world.calls.clear()
  world.delivery.log.clear()
  for (const kind of ['people', 'channels', 'modals', 'home'] as const) world.changes.tellAll({ kind })
}

function carrierFor(
  manifest: Manifest,
  chosen: Delivering | undefined,
  sockets: Sockets,
  parts: { clock: World['clock']; signingSecret: string },
): Carrier {
  const { settings } = manifest
  const events = settings?.event_subscriptions?.request_url
  if (chosen?.mode === 'http') return createRequests({ ...parts, urlFor: () => chosen.url, verifyUrl: chosen.url })
  if (chosen?.mode === 'socket' || settings?.socket_mode_enabled || !events) return sockets
  return createRequests({ ...parts, urlFor: (parcel) => manifestUrl(manifest, parcel) ?? events, verifyUrl: events })
}

function manifestUrl({ features, settings }: Manifest, { kind, payload }: Parcel): string | undefined {
  if (kind === 'slash_commands') {
    return features?.slash_commands?.find((one) => one.command === payload.command)?.url
  }
  if (kind === 'events_api') return undefined
  const { request_url, message_menu_options_url } = settings?.interactivity ?? {}
  return (payload.type === 'block_suggestion' && message_menu_options_url) || request_url
}
