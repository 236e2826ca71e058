import type { CardBlock, CarouselBlock, ContainerBlock } from '@slack/types'
import { useState } from 'react'
import type { Block } from '../../workspace/protocol.js'
import { ElementView } from '../elements/element-view.js'
import { PlainView, TextView } from '../text/mrkdwn-view.js'
import { BlockList } from './block-view.js'
import { Picture } from './image.js'
import { RichTextView } from './rich-text.js'

export function CardView({ block }: { block: CardBlock }) {
  return (
    <article className="card">
      {block.hero_image && <Picture image={block.hero_image} className="card-hero" />}
      <div className="card-head">
        {block.icon && <Picture image={block.icon} className="card-icon" />}
        <div>
          {block.title && (
            <p className="card-title">
              <TextView text={block.title} />
            </p>
          )}
          {block.subtitle && (
            <p className="card-subtitle">
              <TextView text={block.subtitle} />
            </p>
          )}
        </div>
      </div>
      {block.body && (
        <div className="block-text">
          <TextView text={block.body} />
        </div>
      )}
      {block.actions && (
        <div className="block-actions">
          {block.actions.map((button, index) => (
            <ElementView key={button.action_id ?? index} element={button} />
          ))}
        </div>
      )}
    </article>
  )
}

export function CarouselView({ block }: { block: CarouselBlock }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
    <section className="carousel" aria-label="Cards" tabIndex={0}>
      {block.elements.map((card, index) => (
        <CardView key={card.block_id ?? index} block={card} />
      ))}
    </section>
  )
}

export function ContainerView({ block }: { block: ContainerBlock }) {
  const [open, setOpen] = useState(!block.default_collapsed)
  const title = block.title ? (
    <PlainView text={block.title.text} />
  ) : (
    block.rich_text_title && <RichTextView block={block.rich_text_title} />
  )
  return (
    <section className="container">
      <div className={block.has_header_divider ? 'container-head container-divided' : 'container-head'}>
        {block.icon && <Picture image={block.icon} className="card-icon" />}
        <div>
          <div className="card-title">{title}</div>
          {block.subtitle && (
            <div className="card-subtitle">
              <TextView text={block.subtitle} />
            </div>
          )}
        </div>
        {block.is_collapsible && (
          <button
            type="button"
            className="icon-button"
            aria-expanded={open}
            aria-label={open ? 'Collapse' : 'Expand'}
            onClick={() => setOpen(!open)}
          >
            {open ? '▾' : '▸'}
          </button>
        )}
      </div>
      {open && <BlockList blocks={block.child_blocks as unknown as Block[]} />}
    </section>
  )
}
