import type { Asker, Press } from '../commands/command.js'
import type { Noted, Reply } from '../commands/reply.js'
import { asShipmateError } from '../errors.js'
import type { Directory, Standing } from '../releases/people.js'
import { shownMoment } from './desk/away.js'
import { refusalOf } from './desk/parts.js'
import { createDesk, type Desk, type DeskParts } from './desk.js'

/** What holders of personal tokens call; it works on when Slack cannot be reached, and says so. */
export type TokenDesk = {
  say(words: string, command: string, asker: Asker): Promise<Noted>
  press(press: Press, asker: Asker): Promise<Noted>
}

/**
 * The desk for the terminal and programs. Who asks is told once for each act: by Slack, or while Slack is away by its
 * last member list; then the act, its audit rows and the answer carry the moment of that list.
 */
export function createTokenDesk(parts: DeskParts, directory: Directory): TokenDesk {
  const acting = async (asker: Asker, act: (desk: Desk, asker: Asker) => Promise<Reply>): Promise<Noted> => {
    const standing = await directory.standing(asker.actor.id).catch((thrown) => asShipmateError(thrown))
    if (standing instanceof Error) {
      if (standing.code === 'member-list-missing') return refusalOf(standing)
      return act(createDesk(parts), asker)
    }
    const reply = await act(createDesk({ ...parts, directory: pinned(directory, standing) }), marked(asker, standing))
    return standing.list ? { ...reply, note: noteOf(parts, standing) } : reply
  }
  return {
    say: (words, command, asker) => acting(asker, (desk, who) => desk.say(words, command, who)),
    press: (press, asker) => acting(asker, (desk, who) => desk.press(press, who)),
  }
}

/** Slack coming back half-way through an act must not change who acts. */
const pinned = (directory: Directory, standing: Standing): Directory => ({
  ...directory,
  standing: async (person) => (person === standing.id ? standing : directory.standing(person)),
})

const marked = (asker: Asker, { list, asOf }: Standing): Asker =>
  list ? { ...asker, actor: { ...asker.actor, memberList: asOf.toISOString() } } : asker

const noteOf = ({ catalogue, clock }: DeskParts, { asOf }: Standing) =>
  `Slack cannot be reached: decided by the member list of ${shownMoment(asOf, clock.now(), catalogue.zone)}. The channel is told when Slack is back.`
