import type { Json } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'

/** A Web API method after the gate: what it answers beside `ok: true`; it refuses by throwing a `Refusal`. */
export type Method = (world: World, args: Args) => Json | Promise<Json>

export type Family = { [method: string]: Method }
