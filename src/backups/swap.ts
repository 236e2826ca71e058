import type { EngineContext, ScratchYard } from './engine.js'
import type { TableRecovery } from './tables.js'

/** What a swap of one run works with. */
export type SwapOrder = {
  run: number
  yard: ScratchYard
  /** Where the verified scratch is. */
  folder: string
}

/** Which data is in its place now: `between` is a swap that was cut off half-way. */
export type Placed = 'old' | 'between' | 'restored'

/**
 * Puts restored data in the place of the live one. The old data is kept under a name that carries the run, and never
 * deleted. Every method looks what is so first: done twice it is done once.
 */
export type Swap = {
  name: 'folder' | 'database'
  /** Where the old data of a run is kept: a path or a database's name. */
  keptAs(run: number): string
  /** Throws with what is missing and how to set it up. `bytes`: how large the live data is. */
  ready(bytes: number, context: EngineContext): Promise<{ summary: string }>
  /** The scratch, beside the live data, so that the swap itself is only a change of names. */
  stage(order: SwapOrder, context: EngineContext): Promise<{ summary: string }>
  unstage(run: number, context: EngineContext): Promise<{ summary: string }>
  swap(run: number, context: EngineContext): Promise<{ summary: string }>
  /** The old data is in its place again; the restored one is kept as well. */
  back(run: number, context: EngineContext): Promise<{ summary: string }>
  placed(run: number, context: EngineContext): Promise<Placed>
}

/** How the application is let in again after it was paused. */
export const openings = ['read-only', 'canary', 'all'] as const
export type Opening = (typeof openings)[number]

/** Keeps the application away from its database while data is swapped. Done twice it is done once. */
export type Pausing = {
  name: string
  ready(context: EngineContext): Promise<{ summary: string }>
  close(context: EngineContext): Promise<{ summary: string }>
  /** The same for the data that is about to take the place, where it does not share the live data's own settings. */
  closeRestored(url: string, context: EngineContext): Promise<void>
  open(how: Opening, context: EngineContext): Promise<{ summary: string }>
}

/** The live server of a database. */
export type LiveServer = {
  /**
   * Writes the newest WAL out and waits until the archive has it; `point` names this moment for later. Not `archived` where
   * the server hands nothing over: then the engine fetches it, whenever it is asked what it holds.
   */
  handOver(point: string | null, context: EngineContext): Promise<{ summary: string; at: Date; archived: boolean }>
  /** Rows by table, counted one by one; only those of `tables` that are there, all when it is empty. */
  rows(tables: string[], context: EngineContext): Promise<{ table: string; rows: number }[]>
}

/** What restores need of a database's surroundings; throws ShipmateError `restore-not-set-up`. */
export type Surroundings = { swap: Swap; pausing: Pausing; live: LiveServer; tables: TableRecovery }
export type SurroundingsOf = (database: string) => Promise<Surroundings>
