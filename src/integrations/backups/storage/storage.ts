import type { Readable } from 'node:stream'
import { failed, faulted } from '../../../errors.js'

export type Stored = { name: string; bytes: number; at: Date }

/**
 * Where the bytes of backups lie. Names are paths with `/`. What stands is complete: a name appears when its last byte is
 * there, and is never written over.
 */
export type Storage = {
  /** What people call it: "the folder /backups", "the bucket shop-backups". */
  name: string
  /** Throws `storage-taken` when the name stands already, `storage-full` when there is no room. */
  put(name: string, data: Readable, signal: AbortSignal): Promise<Written>
  /** Throws `storage-missing`; what breaks afterwards breaks the stream. */
  get(name: string, signal: AbortSignal): Promise<Readable>
  /** Everything whose name begins with that, by name. */
  list(under: string, signal: AbortSignal): Promise<Stored[]>
  /** Removing what is not there is no error. */
  remove(name: string, signal: AbortSignal): Promise<void>
  /** Ends what a killed `put` left half, if nobody has written to it since; tells what it was. */
  sweep(under: string, untouchedSince: Date, signal: AbortSignal): Promise<string[]>
  /** What is free; null where that cannot be told. */
  freeBytes(): Promise<number | null>
}

/** What was handed over: what stands has to be the same. */
export type Written = { bytes: number; sha256: string }

/** How much stands under exactly this name; null when it does not stand. */
export async function sizeOf(storage: Storage, name: string, signal: AbortSignal): Promise<number | null> {
  return (await storage.list(name, signal)).find((one) => one.name === name)?.bytes ?? null
}

/** The same storage, seen from a folder of it. */
export function within(storage: Storage, folder: string): Storage {
  const at = (name: string) => `${folder}/${name}`
  const back = (name: string) => name.slice(folder.length + 1)
  return {
    name: storage.name,
    put: (name, data, signal) => storage.put(at(name), data, signal),
    get: (name, signal) => storage.get(at(name), signal),
    list: async (under, signal) =>
      (await storage.list(at(under), signal)).map((one) => ({ ...one, name: back(one.name) })),
    remove: (name, signal) => storage.remove(at(name), signal),
    sweep: async (under, since, signal) => (await storage.sweep(at(under), since, signal)).map(back),
    freeBytes: () => storage.freeBytes(),
  }
}

/** A name leads nowhere but into the storage, on every kind of it. */
export function checkedName(name: string): string {
  const well = name.split('/').every((part) => /^[A-Za-z0-9_=-][A-Za-z0-9._=-]*$/.test(part)) && name.length < 900
  if (well) return name
  throw faulted('storage-name', `${JSON.stringify(name)} is no name for a stored file`, {
    wanted: 'parts of letters, digits and . _ = -, joined by /',
    came: name,
  })
}

export const missing = (storage: string, name: string, cause?: unknown) =>
  failed('storage-missing', `${name} is not in ${storage}`, {
    wanted: name,
    came: 'nothing under that name',
    next: 'Look who removed it; a backup that needs it cannot be restored.',
    cause,
  })

export const taken = (storage: string, name: string) =>
  failed('storage-taken', `${name} stands in ${storage} already, and nothing is written over`, {
    came: name,
    next: 'Have what is half removed (clean), or look who else writes there.',
  })

export const full = (storage: string, name: string, cause: unknown) =>
  failed('storage-full', `${storage} is full: ${name} could not be written`, {
    wanted: `room for ${name}`,
    came: cause instanceof Error ? cause.message : String(cause),
    next: 'Make room, or shorten how long backups are kept; nothing half was left behind.',
    cause,
  })

export const unusable = (storage: string, what: string, cause: unknown) =>
  failed('storage-unusable', `${storage} cannot be used: ${what}`, {
    came: cause instanceof Error ? cause.message : String(cause),
    next: 'Check that it is there and that Shipmate may write to it.',
    cause,
  })
