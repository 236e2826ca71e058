import type { Gate } from '../commands/reply.js'

/** What the terminal does without a running Shipmate; concrete parts are named in `terminal-app.ts`. */
export type Workbench = {
  /** Every finding about this installation, in the order a person mends them. */
  examine(): Promise<Gate[]>
  /** The app manifest as YAML. */
  manifest(wishes: ManifestWishes): Promise<string>
}

export type ManifestWishes = { prefix?: string; name?: string; url?: string }
