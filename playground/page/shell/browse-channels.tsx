import { go } from '../control/route.js'
import { useSession } from '../control/session.js'
import { Dialog } from '../overlays/dialog.js'

/** All channels that the person may see, with a way in. */
export function BrowseChannels({ close }: { close: () => void }) {
  const { channels, control, run } = useSession()
  const open = (id: string) => {
    close()
    go({ user: control.user, channel: id, home: false })
  }
  return (
    <Dialog label="All channels" close={close}>
      <header className="dialog-head">
        <h2>All channels</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={close}>
          ×
        </button>
      </header>
      <ul className="dialog-body browse">
        {channels
          .filter(({ kind }) => kind === 'channel' || kind === 'private')
          .map(({ id, name, member, members, topic, purpose, archived }) => (
            <li key={id}>
              <button type="button" className="browse-name" onClick={() => open(id)}>
                <b>#{name}</b>
                <small>
                  {members === 1 ? '1 member' : `${members} members`}
                  {archived && ' · archived'}
                  {(topic || purpose) && ` · ${topic || purpose}`}
                </small>
              </button>
              {!archived && (
                <button
                  type="button"
                  className="btn btn-small"
                  onClick={() => void run(member ? control.leave(id) : control.join(id))}
                >
                  {member ? 'Leave' : 'Join'}
                </button>
              )}
            </li>
          ))}
      </ul>
    </Dialog>
  )
}
