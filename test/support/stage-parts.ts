import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiled } from '../../playground/floor/compiled.js'
import { createParts } from '../../playground/floor/parts.js'
import { startWorkspaceAt } from '../../playground/start.js'
import { silentLog } from '../../src/log.js'
import { answered } from './answers.js'
import type { Person } from './person.js'
import type { Stage } from './stage.js'

/** What the operator's file of a stage refers to, for programs that are started beside its own Shipmate. */
export function shopEnvOf({ dir }: Stage): { [name: string]: string } {
  const ports = JSON.parse(readFileSync(join(dir, 'floor', 'ports.json'), 'utf8')) as { [name: string]: number }
  const at = (name: string) => `http://127.0.0.1:${ports[name]}`
  return {
    SHIPMATE_DIR: dir,
    SHIPMATE_CONFIG: join(dir, 'shipmate.yml'),
    SHOP_HOST_1: at('alpha'),
    SHOP_HOST_2: at('beta'),
    SHOP_PROXY_ADMIN: at('proxy'),
    SHOP_PROXY: at('shop'),
    SHOP_TOKEN_FILE: join(dir, 'floor', 'token'),
    SHOP_RELEASES: join(dir, 'floor', 'releases'),
    SHOP_ALERTS_TOKEN: 'alerts',
    SHOP_BACKUPS: join(dir, 'shop-database', 'backups'),
    SHOP_SCRATCH: join(dir, 'shop-database', 'scratch'),
    SHOP_DATABASE_FOLDER: join(dir, 'shop-database'),
    SHOP_NODE: process.execPath,
    SHOP_SERVER: compiled('playground/shop/server.js'),
  }
}

/** The stage's Slack: its process is stopped, so that nothing listens there, and started again with all it knew. */
export function slackOf(stage: Stage) {
  const parts = createParts(stage.dir, silentLog)
  return {
    env: {
      SLACK_API_URL: `${stage.url}/api/`,
      SLACK_BOT_TOKEN: 'xoxb-playground',
      SLACK_APP_TOKEN: 'xapp-playground',
    },
    stop: () => parts.stop('workspace'),
    start: () => startWorkspaceAt(parts, join(stage.dir, 'workspace'), Number(new URL(stage.url).port)),
  }
}

export const tokenOf = async (person: Person): Promise<string> =>
  /shp_[A-Za-z0-9_-]+/.exec(await answered(person, '/ops token'))?.[0] ?? ''
