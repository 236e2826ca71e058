import type { Engines } from '../backups/engine.js'
import type { Yards } from '../backups/ports.js'
import type { Clock } from '../clock.js'
import type { Config, Env } from '../config.js'
import type { HostsDriver } from '../integrations/hosts/target.js'
import type { Log } from '../log.js'
import type { Queue } from '../queue/queue.js'
import type { Catalogue } from '../releases/catalogue.js'
import type { Store } from '../store/connect.js'
import type { World } from './world.js'

/** `catalogue` reads the operator's file, once; it is asked as late as can be. */
export type StartParts = Omit<AppParts, 'catalogue'> & { catalogue(): Promise<Catalogue> }

export type AppParts = {
  config: Config
  catalogue: Catalogue
  /** What references to secrets are looked up in. */
  env: Env
  /** Where signed HTTP from Slack is listened for, and where programs and the terminal speak to; 0 is any free port. */
  ports: { slack: number; http: number; alerts?: number }
  clock: Clock
  log: Log
  /** Carries out changes in place of the driver for hosts. */
  driver?: HostsDriver
  /** Takes backups in place of the engines that the operator's file names. */
  backups?: { engines: Engines; yards: Yards }
}

/** What everything here is made with, whether or not it is a whole Shipmate. `env` undefined: the process's own. */
export type Grounds = Pick<AppParts, 'catalogue' | 'clock' | 'log'> & { env?: Env | undefined }

/** What a front and a worker stand on. */
export type Ground = { store: Store; queue: Queue; world: World }

/** Undoes one part of a start. */
export type Closing = () => Promise<unknown>
