import type { Clock } from '../clock.js'
import type { Asker, FormName, Press } from '../commands/command.js'
import type { Form, HelpEntry, Reply } from '../commands/reply.js'
import type { Log } from '../log.js'
import type { Catalogue } from '../releases/catalogue.js'
import type { Directory } from '../releases/people.js'
import type { Deployments, ReleaseSource } from '../releases/release.js'
import type { Target } from '../releases/target.js'
import type { Tokens } from '../releases/tokens.js'
import type { LockDesk, RunDesk, Wakes } from '../runs/ports.js'
import type { RunView } from '../runs/run.js'

/** What every face calls. Rights are decided here, at the act; a refusal is a reply, only a broken part throws. */
export type Desk = {
  /** `command` is the name without slash (`deploy`), `words` what follows it. */
  say(words: string, command: string, asker: Asker): Promise<Reply>
  /** Words after a mention: "deploy prod v1.8.0". */
  mentions(words: string, asker: Asker): Promise<Reply>
  /** A form with what is known filled in and the rest defaulted; also when a choice in it changed. */
  form(name: FormName, known: FormValues, asker: Asker): Promise<Form>
  submitForm(name: FormName, values: FormValues, asker: Asker): Promise<Reply>
  press(press: Press, asker: Asker): Promise<Reply>
  home(asker: Asker): Promise<Home>
}

export type FormValues = { [field: string]: string }

/** App Home: what waits for me, what is running, what is broken, what I may do. */
export type Home = { waitsForMe: RunView[]; running: RunView[]; broken: RunView[]; may: HelpEntry[] }

export type DeskParts = {
  catalogue: Catalogue
  desk: RunDesk
  locks: LockDesk
  wakes: Wakes
  directory: Directory
  deployments: Deployments
  tokens: Tokens
  /** The releases of a service. */
  sources(service: string): ReleaseSource
  /** A target by its name in the operator's file. */
  targets(name: string): Target
  clock: Clock
  log: Log
}

export function createDesk(_parts: DeskParts): Desk {
  throw new Error('not written yet')
}
