import type { Person } from '../../workspace/protocol.js'
import { useMentions } from '../control/queries.js'
import { go } from '../control/route.js'
import { useSession } from '../control/session.js'
import { Chevron } from '../elements/select-button.js'
import { Avatar } from '../messages/avatar.js'
import { Menu } from '../overlays/menu.js'
import { Popup } from '../overlays/popup.js'

/** Who one acts as, and who else waits with unread mentions. */
export function PersonSwitcher({ people }: { people: Person[] }) {
  const { me, route } = useSession()
  const mentions = useMentions(
    people.map(({ id }) => id),
    me.id,
  )
  const elsewhere = people.some(({ id }) => id !== me.id && (mentions.get(id) ?? 0) > 0)
  return (
    <div className="people">
      <div className="people-row">
        {people
          .slice(0, 9)
          .map((person, index) =>
            person.id === me.id ? null : (
              <PersonButton key={person.id} person={person} mentions={mentions.get(person.id) ?? 0} digit={index + 1} />
            ),
          )}
      </div>
      <Popup
        label="Act as"
        role="menu"
        placement="bottom-end"
        className="popup-people"
        button={(props) => (
          <button
            {...props}
            type="button"
            className="people-me"
            aria-label={`You act as ${me.real_name}. Change person`}
          >
            <Avatar person={me} size={28} />
            <span className="people-words">
              <small>Acting as</small>
              <b>{me.real_name}</b>
            </span>
            {elsewhere && <span className="people-dot" role="img" aria-label="Somebody else has mentions" />}
            <Chevron />
          </button>
        )}
      >
        {(close) => (
          <>
            <p className="popup-title">Act as somebody else</p>
            <Menu
              close={close}
              items={people.map((person, index) => ({
                id: person.id,
                label: (
                  <PersonLabel person={person} mentions={mentions.get(person.id) ?? 0} current={person.id === me.id} />
                ),
                note: index < 9 ? <kbd>Ctrl Shift {index + 1}</kbd> : undefined,
                choose: () => go({ ...route, user: person.id }),
              }))}
            />
          </>
        )}
      </Popup>
    </div>
  )
}

function PersonButton({ person, mentions, digit }: { person: Person; mentions: number; digit: number }) {
  const { route } = useSession()
  const waiting = mentions > 0 ? `, ${mentions} unread ${mentions === 1 ? 'mention' : 'mentions'}` : ''
  return (
    <button
      type="button"
      className="people-other"
      title={`Act as ${person.real_name} (Ctrl+Shift+${digit})`}
      aria-label={`Act as ${person.real_name}${waiting}`}
      onClick={() => go({ ...route, user: person.id })}
    >
      <Avatar person={person} size={28} />
      {mentions > 0 && <span className="badge">{mentions}</span>}
    </button>
  )
}

function PersonLabel({ person, mentions, current }: { person: Person; mentions: number; current: boolean }) {
  return (
    <span className="person-label">
      <Avatar person={person} size={32} />
      <span>
        <b>{person.real_name}</b> {current && <span className="person-current">you</span>}
        <small>{person.kind === 'guest' ? `Guest · ${person.title}` : person.title}</small>
      </span>
      {mentions > 0 && (
        <span className="badge" role="img" aria-label={`${mentions} unread mentions`}>
          {mentions}
        </span>
      )}
    </span>
  )
}
