import { systemClock } from '../../../src/clock.js'
import type { WatchedParts, Watching } from '../../../src/integrations/watched/parts.js'
import { silentLog } from '../../../src/log.js'
import { parseCatalogue } from '../../../src/releases/catalogue-text.js'
import type { CheckResult, StepContext } from '../../../src/runs/abilities.js'

export const where = { service: 'storefront', environment: 'prod' }

/** An operator's file with one place; `watch` and `sections` are lines of YAML. Secrets are looked up in `secrets`. */
export function partsOf(
  watch: string,
  sections = '',
  secrets: { [reference: string]: string } = {},
  hosts = 'http://127.0.0.1:1',
): WatchedParts {
  const text = `
${sections}
targets:
  shop:
    driver: hosts
    hosts: [{ name: alpha, url: ${hosts} }]
    proxy: { admin: http://127.0.0.1:1, public: http://127.0.0.1:1 }
    token: env:TOKEN
services:
  storefront:
    releases: { driver: folder, path: /releases }
    environments:
      prod:
        target: shop
        instances: 1
        watch:
${watch
  .trim()
  .split('\n')
  .map((line) => `          ${line}`)
  .join('\n')}
environments:
  prod:
    channel: C0RELEASES
    approvals: { deploy: { quorum: 0 } }
    may: {}
`
  return {
    catalogue: parseCatalogue(text, 'shipmate.yml', {}),
    secret: async (reference) => {
      const value = secrets[reference]
      if (value === undefined) throw new Error(`no secret ${reference}`)
      return value
    },
    log: silentLog,
  }
}

export const contextOf = (signal = AbortSignal.timeout(30_000)): StepContext => ({
  run: 1,
  step: 'look',
  key: '1/look/1',
  epoch: 1,
  attempt: 1,
  signal,
  clock: systemClock,
  log: silentLog,
  progress: () => {},
})

/** Checks and acts by name, as the engine does: inputs go through the schema. */
export function hands({ checks, actions }: Watching) {
  return {
    async check(name: string, input: object = {}, signal?: AbortSignal): Promise<CheckResult> {
      const check = checks.find((one) => one.name === name)
      if (!check) throw new Error(`no check ${name}`)
      return check.run(check.input.parse({ ...where, ...input }), contextOf(signal))
    },
    async act(name: string, input: object = {}) {
      const action = actions.find((one) => one.name === name)
      if (!action) throw new Error(`no action ${name}`)
      return action.run(action.input.parse({ ...where, ...input }), contextOf())
    },
  }
}
