import type { Button, WorkflowButton } from '@slack/types'
import { isAddress } from '../text/mentions.js'
import { PlainView } from '../text/mrkdwn-view.js'
import { useElement } from './use-element.js'

export function ButtonElement({ element }: { element: Button | WorkflowButton }) {
  const { act, busy } = useElement<{ value?: string }>(element)
  const url = element.type === 'button' ? element.url : undefined
  const click = () => {
    if (url && isAddress(url)) window.open(url, '_blank', 'noreferrer')
    if (!busy) void act()
  }
  return (
    <button
      type="button"
      className={`btn${element.style ? ` btn-${element.style}` : ''}`}
      aria-label={element.accessibility_label}
      aria-busy={busy}
      data-action={element.action_id}
      onClick={click}
    >
      {busy && <span className="spinner" aria-hidden="true" />}
      <span className="btn-text">
        <PlainView text={element.text.text} />
      </span>
    </button>
  )
}
