import type { Message } from '../../workspace/protocol.js'
import { useSession } from '../control/session.js'
import { emojiCharacter } from '../text/emoji.js'
import { EmojiPopup } from './emoji-picker.js'

export function Reactions({ message }: { message: Message }) {
  const { me, person } = useSession()
  const toggle = useReact(message)
  return (
    <div className="reactions">
      {(message.reactions ?? []).map(({ name, users }) => {
        const mine = users.includes(me.id)
        const names = users.map((user) => (user === me.id ? 'you' : (person(user)?.real_name ?? user))).join(', ')
        return (
          <button
            key={name}
            type="button"
            className={mine ? 'reaction reaction-mine' : 'reaction'}
            aria-pressed={mine}
            aria-label={`${name.replaceAll('_', ' ')}: ${users.length}, ${names}`}
            title={`${names} reacted with :${name}:`}
            onClick={() => toggle(name, mine)}
          >
            <span aria-hidden="true" className="emoji">
              {emojiCharacter(name) ?? `:${name}:`}
            </span>{' '}
            {users.length}
          </button>
        )
      })}
      <EmojiPopup className="reaction reaction-add" label="Add a reaction" pick={(name) => toggle(name, false)} />
    </div>
  )
}

/** Adds or removes the acting person's reaction. */
export function useReact({ channel, ts }: Message): (name: string, remove: boolean) => void {
  const { control, run } = useSession()
  return (name, remove) => void run(control.react({ channel, ts, name, remove }))
}
