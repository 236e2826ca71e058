import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const parts = {
  redis: { there: () => onPath('redis-server'), fix: 'apt-get install -y redis-server' },
  chromium: { there: () => existsSync('/usr/bin/chromium'), fix: 'apt-get install -y chromium' },
}

const said = new Set<string>()

/**
 * Whether a real part of the world is on this machine. Absent: one loud line saying what is not tested, or a failure
 * under CI, where nothing may be skipped silently.
 */
export function requirePart(name: keyof typeof parts): boolean {
  const part = parts[name]
  if (part.there()) return true
  const line = `NOT TESTED: everything that needs ${name}; it is not installed (${part.fix})`
  if (process.env.CI === 'true') throw new Error(line)
  if (!said.has(name)) console.error(line)
  said.add(name)
  return false
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}
