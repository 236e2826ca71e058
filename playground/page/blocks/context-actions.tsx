import type { ContextActionsBlock, FeedbackButtons, IconButton } from '@slack/types'
import { useSession } from '../control/session.js'
import { useElement } from '../elements/use-element.js'

export function ContextActionsView({ block }: { block: ContextActionsBlock }) {
  return (
    <div className="block-actions">
      {block.elements.map((element, index) =>
        element.type === 'feedback_buttons' ? (
          <Feedback key={element.action_id ?? index} element={element} />
        ) : (
          <Icon key={element.action_id ?? index} element={element} />
        ),
      )}
    </div>
  )
}

function Feedback({ element }: { element: FeedbackButtons }) {
  const { act, busy } = useElement<{ value: string }>(element)
  return [element.positive_button, element.negative_button].map((button, index) => (
    <button
      key={button.value}
      type="button"
      className="btn btn-small"
      aria-busy={busy}
      aria-label={button.accessibility_label}
      onClick={() => void act({ value: button.value })}
    >
      {index === 0 ? '👍' : '👎'} {button.text.text}
    </button>
  ))
}

function Icon({ element }: { element: IconButton }) {
  const { me } = useSession()
  const { act, busy } = useElement<{ value: string }>(element)
  const visible = element.visible_to_user_ids?.includes(me.id) ?? true
  if (!visible) return null
  return (
    <button
      type="button"
      className="btn btn-small"
      aria-busy={busy}
      aria-label={element.accessibility_label}
      onClick={() => void act()}
    >
      🗑 {element.text.text}
    </button>
  )
}
