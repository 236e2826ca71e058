import type { NotTold, SlackWeb } from './web.js'

/** Who the app is in its workspace. */
export type Identity = { team: string; botUser: string; teamName: string }

/** Learnt once from auth.test; everything that compares teams fails closed until then. */
export type SlackIdentity = {
  known(): Identity | null
  learn(): Promise<Identity | NotTold>
}

export function createIdentity(web: SlackWeb): SlackIdentity {
  let identity: Identity | null = null
  return {
    known: () => identity,
    async learn() {
      const answer = await web.call('auth.test', {})
      if (!answer.ok) return answer
      const { team_id: team, user_id: botUser, team: teamName } = answer.data
      identity = { team: String(team), botUser: String(botUser), teamName: String(teamName) }
      return identity
    },
  }
}
