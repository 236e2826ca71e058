import type { ActionsBlock, ContextBlock, SectionBlock } from '@slack/types'
import { ElementView } from '../elements/element-view.js'
import { TextView } from '../text/mrkdwn-view.js'
import { Picture } from './image.js'

export function SectionView({ block }: { block: SectionBlock }) {
  const { text, fields, accessory } = block
  return (
    <div className={accessory ? 'block-section block-section-accessory' : 'block-section'}>
      <div className="block-section-text">
        {text && (
          <div className="block-text">
            <TextView text={text} />
          </div>
        )}
        {fields && (
          <div className="block-fields">
            {fields.map((field, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: fields have no identity but their place
              <div key={index} className="block-text">
                <TextView text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {accessory && (
        <div className="block-accessory">
          {accessory.type === 'image' ? (
            <Picture image={accessory} className="block-accessory-image" />
          ) : (
            <ElementView element={accessory} />
          )}
        </div>
      )}
    </div>
  )
}

export function ContextView({ block }: { block: ContextBlock }) {
  return (
    <div className="block-context">
      {block.elements.map((element, index) =>
        element.type === 'image' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: elements of a context have no identity but their place
          <Picture key={index} image={element} className="block-context-image" />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <span key={index} className="block-context-text">
            <TextView text={element} />
          </span>
        ),
      )}
    </div>
  )
}

export function ActionsView({ block }: { block: ActionsBlock }) {
  return (
    <div className="block-actions">
      {block.elements.map((element, index) => (
        <ElementView key={element.action_id ?? index} element={element} />
      ))}
    </div>
  )
}
