import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The contents of files by file id, kept below the workspace's directory or in memory. */
export type UploadedBytes = {
  write(id: string, bytes: Buffer): void
  read(id: string): Buffer | undefined
  delete(id: string): void
}

export function createUploadedBytes(dir: string | undefined): UploadedBytes {
  return dir ? inDirectory(join(dir, 'files')) : inMemory()
}

function inDirectory(dir: string): UploadedBytes {
  mkdirSync(dir, { recursive: true })
  return {
    write: (id, bytes) => writeFileSync(join(dir, id), bytes),
    read(id) {
      try {
        return readFileSync(join(dir, id))
      } catch {
        return undefined
      }
    },
    delete: (id) => rmSync(join(dir, id), { force: true }),
  }
}

function inMemory(): UploadedBytes {
  const files = new Map<string, Buffer>()
  return {
    write: (id, bytes) => void files.set(id, bytes),
    read: (id) => files.get(id),
    delete: (id) => void files.delete(id),
  }
}
