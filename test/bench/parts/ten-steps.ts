import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { buildReleases } from '../../../examples/storefront/build-releases.js'
import { compiled, projectFolder } from '../../../playground/floor/compiled.js'
import { startWorkspace } from '../../../playground/workspace/server.js'
import { startApp } from '../../../src/app.js'
import { systemClock } from '../../../src/clock.js'
import { readConfig } from '../../../src/config.js'
import type { HostsDriver } from '../../../src/integrations/hosts/target.js'
import { createLog } from '../../../src/log.js'
import { parseCatalogue } from '../../../src/releases/catalogue-text.js'
import { defineAction } from '../../../src/runs/abilities.js'
import type { DoStep } from '../../../src/runs/step.js'
import { createControl } from '../../support/control.js'
import { createPerson } from '../../support/person.js'
import { waitFor } from '../../support/wait-for.js'
import { type BenchDatabase, benchDatabase } from './bench-database.js'

const steps = 10
const stepMs = 3_000
/**
 * Who people are is asked anew after a minute. The deploy pays for all its own look-ups, those of Shipmate's start are
 * forgotten; and the approver reads for as long as people do.
 */
const overAMinute = 61_000

/**
 * The Web API calls of one deploy of ten steps of three seconds: everything from the slash command to the last message,
 * with the whole product between the command and the steps.
 */
export async function callsOfTenSteps(): Promise<{ calls: number; answers: number; line: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-bench-'))
  const close = [async () => rmSync(dir, { recursive: true, force: true })]
  try {
    const database = await benchDatabase()
    close.unshift(() => database.stop())
    const workspace = await startWorkspace({ manifestPath: join(projectFolder, 'manifest.yml') })
    close.unshift(() => workspace.close())
    const app = await openApp(dir, database.url, workspace.url)
    close.unshift(() => app.stop())
    await pause(overAMinute)
    return await countedDeploy(workspace.url, database)
  } finally {
    for (const one of close) await one()
  }
}

async function openApp(dir: string, databaseUrl: string, workspaceUrl: string) {
  const releases = join(dir, 'releases')
  await buildReleases(releases)
  const nowhere = 'http://127.0.0.1:9'
  const env = {
    SHIPMATE_DIR: dir,
    DATABASE_URL: databaseUrl,
    SLACK_API_URL: `${workspaceUrl}/api/`,
    SLACK_BOT_TOKEN: 'xoxb-playground',
    SLACK_APP_TOKEN: 'xapp-playground',
    ...{ SHOP_HOST_1: nowhere, SHOP_HOST_2: nowhere, SHOP_PROXY_ADMIN: nowhere, SHOP_PROXY: nowhere },
    ...{ SHOP_TOKEN_FILE: join(dir, 'token'), SHOP_RELEASES: releases, SHOP_ALERTS_TOKEN: 'alerts' },
    ...{ SHOP_BACKUPS: join(dir, 'backups'), SHOP_SCRATCH: join(dir, 'scratch') },
    ...{ SHOP_DATABASE_FOLDER: dir, SHOP_NODE: process.execPath, SHOP_SERVER: compiled('playground/shop/server.js') },
  }
  const file = compiled('playground/shipmate.yml')
  return startApp({
    config: readConfig(env),
    catalogue: async () => parseCatalogue(readFileSync(file, 'utf8'), file, env),
    env,
    ports: { slack: 0, http: 0, alerts: 0 },
    clock: systemClock,
    log: createLog('warn'),
    driver: tenSteps,
  })
}

/** A target whose every change is ten steps that take their time and report on it. */
const tenSteps: HostsDriver = {
  target: {
    look: async () => ({ serving: 'v1.7.3', instances: [] }),
    byHand: () => [],
    steps: () => Array.from({ length: steps }, (_, index) => partOf(index + 1)),
  },
  checks: [],
  actions: [
    defineAction({
      name: 'bench.part',
      input: z.object({}),
      fence: 'key',
      async run(_, { clock, signal, progress }) {
        for (let done = 0; done < stepMs; done += 500) {
          progress({ done, total: stepMs, text: `${done} ms` })
          await clock.sleep(500, signal)
        }
        return { evidence: { summary: `took ${stepMs} ms` } }
      },
    }),
  ],
}

const partOf = (number: number): DoStep => ({
  key: `part-${number}`,
  title: `Part ${number} of ${steps}`,
  verb: 'do',
  action: 'bench.part',
  with: {},
  timeout: 30_000,
  onFailure: 'undo',
})

async function countedDeploy(url: string, { one }: BenchDatabase) {
  const control = createControl(url)
  const [rita, marco] = [createPerson(url, 'U0RITA'), createPerson(url, 'U0MARCO')]
  const before = (await control.calls()).length
  await rita.send('releases', '/deploy prod v1.8.0')
  const card = await marco.seeMessage('releases', /waiting for approval/)
  await pause(overAMinute)
  await marco.click('releases', 'Approve', { ts: card.ts })
  await waitFor(
    'all is done and told',
    async () => {
      await pause(500)
      const done = await one(`select count(*) from shipmate.runs where state = 'done' and stale_since is null`)
      const untold = await one('select count(*) from shipmate.posts where sent_at is null and given_up_at is null')
      return done === 1 && untold === 0
    },
    120_000,
  )
  const calls = (await control.calls()).slice(before)
  const began = calls[0]?.at_ms ?? 0
  const line = calls.map(({ method, at_ms }) => `${method} at ${((at_ms - began) / 1000).toFixed(1)} s`).join(', ')
  // An answer at a response_url is no method of the Web API, and no limit counts it.
  const answers = calls.filter(({ method }) => method === 'response_url').length
  return { calls: calls.length - answers, answers, line }
}
