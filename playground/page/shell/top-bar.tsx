import type { Person } from '../../workspace/protocol.js'
import { useSession } from '../control/session.js'
import { PersonSwitcher } from './person-switcher.js'

type Props = { people: Person[]; openDrawer: () => void; openSwitcher: () => void }

export function TopBar({ people, openDrawer, openSwitcher }: Props) {
  const { workspace } = useSession()
  return (
    <header className="top-bar">
      <button type="button" className="icon-button top-menu" aria-label="Open the sidebar" onClick={openDrawer}>
        <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
          <path d="M2 4h12M2 8h12M2 12h12" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
        </svg>
      </button>
      <button type="button" className="top-search" onClick={openSwitcher}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <circle cx="7" cy="7" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="m10.5 10.5 3 3" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
        </svg>
        <span>Go to a channel or person in {workspace.team.name}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <PersonSwitcher people={people} />
    </header>
  )
}
