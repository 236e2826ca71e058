import { useSession } from '../control/session.js'
import { Menu, type MenuItem } from '../overlays/menu.js'
import { Popup } from '../overlays/popup.js'

/** The composer's plus button: the app's global shortcuts, and the way to its commands. */
export function ShortcutsMenu({ channel, startCommand }: { channel: string; startCommand: () => void }) {
  const { workspace, control, run } = useSession()
  const { app } = workspace
  const items: MenuItem[] = [
    ...app.shortcuts
      .filter(({ type }) => type === 'global')
      .map(({ callback_id, name, description }) => ({
        id: callback_id,
        label: name,
        note: description || app.name,
        choose: () => void run(control.shortcut({ callback_id }), { channel }),
      })),
    { id: 'line', line: true },
    { id: 'commands', label: 'Type a command', note: '/', choose: startCommand },
  ]
  return (
    <Popup
      label="Shortcuts"
      role="menu"
      placement="top-start"
      button={(props) => (
        <button {...props} type="button" className="icon-button composer-plus" aria-label="Shortcuts" title="Shortcuts">
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M8 3v10M3 8h10" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
          </svg>
        </button>
      )}
    >
      {(close) => <Menu items={items} close={close} />}
    </Popup>
  )
}
