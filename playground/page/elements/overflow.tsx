import type { Overflow, PlainTextOption } from '@slack/types'
import { Menu } from '../overlays/menu.js'
import { Popup } from '../overlays/popup.js'
import { isAddress } from '../text/mentions.js'
import { PlainView } from '../text/mrkdwn-view.js'
import { useElement } from './use-element.js'

export function OverflowElement({ element }: { element: Overflow }) {
  const { act, busy } = useElement<{ selected_option: PlainTextOption }>(element)
  const choose = (option: PlainTextOption) => {
    if (option.url && isAddress(option.url)) window.open(option.url, '_blank', 'noreferrer')
    void act({ selected_option: option })
  }
  return (
    <Popup
      label="More actions"
      role="menu"
      placement="bottom-end"
      button={(props) => (
        <button
          {...props}
          type="button"
          className="btn btn-square"
          aria-label="More actions"
          aria-busy={busy}
          data-action={element.action_id}
        >
          {busy ? <span className="spinner" aria-hidden="true" /> : '⋯'}
        </button>
      )}
    >
      {(close) => (
        <Menu
          close={close}
          items={element.options.map((option) => ({
            id: option.value ?? option.text.text,
            label: <PlainView text={option.text.text} />,
            note: option.description && <PlainView text={option.description.text} />,
            choose: () => choose(option),
          }))}
        />
      )}
    </Popup>
  )
}
