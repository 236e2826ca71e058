import type { Boards } from '../../runs/boards.js'
import type { RunId, RunView } from '../../runs/run.js'

/** Runs as they were at the version asked for or later; what did not change is not read again. */
export type Views = { of(wanted: { run: RunId; version: number }[]): Promise<Map<RunId, RunView>> }

/** Remembers only what the last look wanted. Versions are read before this, so a view is never older than its version. */
export function createViews(boards: Pick<Boards, 'views'>): Views {
  let known = new Map<RunId, { version: number; view: RunView }>()
  return {
    async of(wanted) {
      const versions = new Map(wanted.map(({ run, version }) => [run, version]))
      const fresh = new Map([...known].filter(([run, { version }]) => versions.get(run) === version))
      const missing = [...versions.keys()].filter((run) => !fresh.has(run))
      for (const view of await boards.views(missing))
        fresh.set(view.run.id, { version: versions.get(view.run.id) ?? 0, view })
      known = fresh
      return new Map([...fresh].map(([run, { view }]) => [run, view]))
    },
  }
}
