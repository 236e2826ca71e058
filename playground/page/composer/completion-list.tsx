import { useSession } from '../control/session.js'
import { Avatar } from '../messages/avatar.js'
import type { Completion, Suggestion } from './completion.js'

type Props = { id: string; completion: Completion; active: number; pick: (suggestion: Suggestion) => void }

/** The list above the composer. The text field keeps the focus and points here. */
export function CompletionList({ id, completion, active, pick }: Props) {
  const { workspace } = useSession()
  const commands = completion.label === 'Commands'
  return (
    <div className="completion" role="listbox" id={id} aria-label={completion.label}>
      <p className="completion-head">{commands ? workspace.app.name : completion.label}</p>
      {completion.suggestions.map((suggestion, index) => (
        <Row key={suggestion.id} id={`${id}-${index}`} suggestion={suggestion} active={index === active} pick={pick} />
      ))}
      <p className="completion-foot" aria-hidden="true">
        <kbd>↑</kbd> <kbd>↓</kbd> to move <kbd>Tab</kbd> or <kbd>Enter</kbd> to choose <kbd>Esc</kbd> to close
      </p>
    </div>
  )
}

type RowProps = { id: string; suggestion: Suggestion; active: boolean; pick: (suggestion: Suggestion) => void }

function Row({ id, suggestion, active, pick }: RowProps) {
  const { person } = useSession()
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the text field keeps the focus
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      id={id}
      role="option"
      aria-selected={active}
      className={active ? 'completion-row completion-active' : 'completion-row'}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => pick(suggestion)}
    >
      {suggestion.person ? (
        <Avatar person={person(suggestion.person)} size={28} />
      ) : (
        <span className="completion-sign emoji">{suggestion.sign}</span>
      )}
      <span className="completion-words">
        <span>
          <b>{suggestion.title}</b> {suggestion.hint && <span className="completion-hint">{suggestion.hint}</span>}
        </span>
        {suggestion.note && <small>{suggestion.note}</small>}
      </span>
    </div>
  )
}
