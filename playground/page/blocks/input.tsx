import type { AlertBlock, InputBlock } from '@slack/types'
import { useContext, useId, useMemo } from 'react'
import { ElementView } from '../elements/element-view.js'
import { BlockContext, type BlockPlace, useSurface } from '../elements/surface.js'
import { PlainView, TextView } from '../text/mrkdwn-view.js'

/** A labelled input; the app's error for it stands below. */
export function InputView({ block }: { block: InputBlock }) {
  const id = useId()
  const { block_id } = useContext(BlockContext)
  const error = useSurface().errors[block_id]
  const place = useMemo<BlockPlace>(
    () => ({
      block_id,
      dispatches: block.dispatch_action ?? false,
      labelId: `${id}-label`,
      describedBy: `${id}-hint ${id}-error`,
      invalid: error !== undefined,
    }),
    [block_id, block.dispatch_action, id, error],
  )
  return (
    <div className={error ? 'block-input block-input-wrong' : 'block-input'} data-block={block_id}>
      <div className="block-label" id={place.labelId}>
        <PlainView text={block.label.text} />
        {block.optional && <span className="block-optional"> (optional)</span>}
      </div>
      <BlockContext value={place}>
        <ElementView element={block.element} />
      </BlockContext>
      {error && (
        <p className="block-error" id={`${id}-error`} role="alert">
          <span aria-hidden="true">⚠ </span>
          {error}
        </p>
      )}
      {block.hint && (
        <p className="block-hint" id={`${id}-hint`}>
          <PlainView text={block.hint.text} />
        </p>
      )}
    </div>
  )
}

const signs = { default: '•', info: 'ℹ', warning: '⚠', error: '⛔', success: '✓' }

export function AlertView({ block }: { block: AlertBlock }) {
  const level = block.level ?? 'default'
  return (
    <div
      className={`block-alert block-alert-${level}`}
      role={level === 'error' || level === 'warning' ? 'alert' : 'note'}
    >
      <span aria-hidden="true">{signs[level]}</span>
      <div>
        <TextView text={block.text} />
      </div>
    </div>
  )
}
