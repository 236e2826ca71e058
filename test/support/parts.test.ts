import { afterEach, expect, test, vi } from 'vitest'
import { optIn, requirePart } from './parts.js'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test('a missing part is a failure under CI, and one loud line elsewhere', () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.stubEnv('PATH', '/nowhere')
  vi.stubEnv('CI', '')
  expect(requirePart('redis')).toBeNull()
  expect(said).toHaveBeenCalledTimes(1)
  expect(String(said.mock.calls[0]?.[0])).toContain('NOT TESTED: everything with redis')
  vi.stubEnv('CI', 'true')
  expect(() => requirePart('redis')).toThrow('apt-get install redis-server')
})

test('an opt-in part runs when it is named, and otherwise says how', () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.stubEnv('SHIPMATE_SOAK', '')
  expect(optIn('ten-deploys')).toBe(false)
  expect(String(said.mock.calls[0]?.[0])).toContain('npm run soak -- ten-deploys')
  vi.stubEnv('SHIPMATE_SOAK', 'ten-deploys')
  expect(optIn('ten-deploys')).toBe(true)
})
