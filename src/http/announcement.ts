import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Leaves this instance's address where the terminal on this machine looks for it; returns how to take it away. */
export async function announceInstance(dir: string, url: string): Promise<() => Promise<void>> {
  const file = join(dir, 'http.json')
  await mkdir(dir, { recursive: true })
  await writeFile(file, `${JSON.stringify({ url, pid: process.pid })}\n`)
  return () => rm(file, { force: true })
}
