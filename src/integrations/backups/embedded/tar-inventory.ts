import type { Manifest } from './manifest.js'
import { tarHeader } from './tar.js'

const block = 512

/** Notes the files of tar streams while they pass by: a backup that is silently empty is seen while it is taken. */
export type Inventory = {
  /** The next stream: of the data folder (null) or of a tablespace. */
  begin(oid: string | null): void
  see(data: Buffer): void
  /** What is in the server’s list and did not pass by in its size; null when all did. */
  difference(manifest: Manifest): string | null
}

export function createInventory(): Inventory {
  const sizes = new Map<string, number>()
  let prefix = ''
  let archive = 'base.tar'
  let skip = 0
  let over = false
  let held: Buffer = Buffer.alloc(0)
  return {
    begin(oid) {
      prefix = oid === null ? '' : `pg_tblspc/${oid}/`
      archive = oid === null ? 'base.tar' : `${oid}.tar`
      skip = 0
      over = false
      held = Buffer.alloc(0)
    },
    see(data) {
      let rest = data
      while (rest.length > 0 && !over) {
        const passed = Math.min(skip, rest.length)
        skip -= passed
        rest = rest.subarray(passed)
        const wanted = rest.subarray(0, block - held.length)
        if (wanted.length === 0) return
        held = held.length === 0 ? wanted : Buffer.concat([held, wanted])
        rest = rest.subarray(wanted.length)
        if (held.length < block) return
        over = held.every((byte) => byte === 0)
        if (over) return
        const { name, bytes, kind } = tarHeader(held, archive)
        if (kind === 'file') sizes.set(`${prefix}${name}`, bytes)
        skip = Math.ceil(bytes / block) * block
        held = Buffer.alloc(0)
      }
    },
    difference({ files }) {
      if (files.size === 0) return 'the server’s list is empty'
      for (const { path, bytes } of files.values()) {
        const size = sizes.get(path)
        if (size !== bytes)
          return `${path} has ${size === undefined ? 'not come' : `${size} bytes`}, ${bytes} are listed`
      }
      return null
    },
  }
}
