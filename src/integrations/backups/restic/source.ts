import type { EngineContext, ScratchFindings } from '../../../backups/engine.js'

/** Where a set of files comes from. */
export type Source = {
  /** In words: "2 folders", "the bucket uploads". */
  name: string
  /** What is small and of a kind comes back whole in a drill, everything else as a sample. */
  whole: boolean
  /** Throws with what is missing and how to set it up. */
  ready(context: EngineContext): Promise<void>
  /** Brings what is to be stored below folders of this machine. */
  gather(before: Before | null, context: EngineContext): Promise<Gathered>
  /** What has to hold of what came back; `restored` gives where a path of the backup lies now. */
  look(restored: Restored, context: EngineContext): Promise<ScratchFindings['invariants']>
  /** Removes what `gather` laid down for one backup alone; answers what that was. */
  clear(): Promise<string[]>
}

/** `roots`: absolute paths. Faults keep the backup from counting; notes are for people. */
export type Gathered = { roots: string[]; faults: string[]; notes: string[] }

/** The last sound backup, whichever machine took it. */
export type Before = {
  paths: string[]
  read(path: string): Promise<Buffer>
}

export type Restored = {
  /** The absolute path of a file or folder of the backup, where it was restored to. */
  to(path: string): string
  /** When it began to be gathered. */
  begunAt: Date
  /** Every file of the backup, by its path when it was stored. */
  paths: string[]
}
