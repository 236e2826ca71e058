import {
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Heal } from './engine-rig.js'

/** Every file below a folder, the largest first. */
export const largestFirst = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => statSync(b).size - statSync(a).size)

/** Keeps what the path names aside and lets `change` loose on it; healed, everything is as it was. */
export async function planted(path: string, change: () => void): Promise<Heal> {
  const aside = join(dirname(path), `.aside-${Math.random().toString(36).slice(2)}`)
  const { uid, gid } = statSync(path)
  copyFileSync(path, aside)
  change()
  return async () => {
    rmSync(path, { force: true })
    renameSync(aside, path)
    chownSync(path, uid, gid)
  }
}

export const flip = (path: string, at = 0.5): Promise<Heal> =>
  planted(path, () => {
    const place = Math.floor(statSync(path).size * at)
    const file = openSync(path, 'r+')
    const byte = Buffer.alloc(1)
    readSync(file, byte, 0, 1, place)
    byte[0] = (byte[0] ?? 0) ^ 0x40
    writeSync(file, byte, 0, 1, place)
    closeSync(file)
  })

export const halve = (path: string): Promise<Heal> =>
  planted(path, () => truncateSync(path, Math.floor(statSync(path).size / 2)))

/** The folder stays by its name, with nothing in it. */
export async function hollow(folder: string): Promise<Heal> {
  const aside = join(dirname(folder), `.aside-${relative(dirname(folder), folder)}`)
  const { uid, gid, mode } = statSync(folder)
  renameSync(folder, aside)
  mkdirSync(folder, { mode })
  chownSync(folder, uid, gid)
  return async () => {
    rmSync(folder, { recursive: true, force: true })
    renameSync(aside, folder)
  }
}

/** Elsewhere, so that nothing lists it meanwhile. */
export async function gone(path: string, outside: string): Promise<Heal> {
  const aside = join(outside, `aside-${Math.random().toString(36).slice(2)}`)
  copyFileSync(path, aside)
  const { uid, gid, mode } = statSync(path)
  rmSync(path)
  return async () => {
    copyFileSync(aside, path)
    chownSync(path, uid, gid)
    rmSync(aside)
    if ((statSync(path).mode & 0o777) !== (mode & 0o777)) throw new Error('the file came back with other rights')
  }
}

/** Fills a disk of its own until only so many bytes are left. */
export async function filled(disk: string, leaving: number): Promise<Heal> {
  const ballast = join(disk, '.ballast')
  const { bavail, bsize } = statfsSync(disk)
  const chunk = Buffer.alloc(1024 * 1024)
  const file = openSync(ballast, 'w')
  for (let left = bavail * bsize - leaving; left > 0; left -= chunk.length)
    writeSync(file, chunk, 0, Math.min(left, chunk.length))
  closeSync(file)
  return async () => {
    if (existsSync(ballast)) rmSync(ballast)
  }
}
