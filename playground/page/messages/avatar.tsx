import type { Person } from '../../workspace/protocol.js'

/** A person's drawn picture: initials on their colour; the app has a small ship. */
export function Avatar({ person, size = 36 }: { person: Person | undefined; size?: number }) {
  const style = { width: size, height: size, fontSize: size * 0.42, background: person?.color ?? '#6b7280' }
  return (
    <span className="avatar" style={style} aria-hidden="true">
      {person?.kind === 'bot' ? <Ship /> : initials(person?.real_name || person?.name || '?')}
    </span>
  )
}

export function SlackbotAvatar({ size = 36 }: { size?: number }) {
  return (
    <span
      className="avatar"
      style={{ width: size, height: size, fontSize: size * 0.5, background: '#5b6472' }}
      aria-hidden="true"
    >
      ✦
    </span>
  )
}

function Ship() {
  return (
    <svg viewBox="0 0 32 32" width="72%" height="72%" aria-hidden="true">
      <path
        d="M16 5v13M16 6l8 11h-8zM14 10l-6 7h6zM6 20h20l-3 6H9z"
        fill="#fff"
        stroke="#fff"
        strokeWidth="1.2"
        strokeLinejoin="round"
      />
    </svg>
  )
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.charAt(0).toUpperCase() ?? '')
    .join('')
}
