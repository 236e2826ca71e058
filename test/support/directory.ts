import { failed } from '../../src/errors.js'
import type { Directory, Standing } from '../../src/releases/people.js'

export type Member = { name: string; groups?: string[]; barred?: string; zone?: string }

/** People of a small team, in memory; `offline` is Slack not answering. */
export function createTeam(members: { [id: string]: Member }, now: () => Date = () => new Date()) {
  const state = { offline: false, asOf: null as Date | null }
  const reached = () => {
    if (state.offline) throw failed('directory-unreachable', 'Slack cannot say who you are.', { transient: true })
  }
  const directory: Directory = {
    async standing(id) {
      reached()
      const {
        name,
        groups = [],
        barred = null,
        zone = null,
      } = members[id] ?? { name: id, barred: 'not a person of this workspace' }
      const asOf = state.asOf ?? now()
      return { id, name, barred, groups: barred === null ? groups : [], zone, asOf } satisfies Standing
    },
    async members(group) {
      reached()
      const found = Object.entries(members).filter(([, { groups = [] }]) => groups.includes(group))
      if (found.length === 0) throw failed('group-unknown', `This workspace has no user group @${group}.`)
      return found.map(([id]) => id)
    },
  }
  return { directory, state }
}

/** The people of the playground. */
export const team: { [id: string]: Member } = {
  U0RITA: { name: 'Rita' },
  U0MARCO: { name: 'Marco', groups: ['release-managers'] },
  U0MINA: { name: 'Mina', groups: ['release-managers'] },
  U0IVY: { name: 'Ivy', groups: ['incident-commanders'] },
  U0GUS: { name: 'Gus', groups: ['release-managers'], barred: 'a guest' },
}
