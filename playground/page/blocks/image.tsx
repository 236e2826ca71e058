import type { ImageBlock, ImageElement } from '@slack/types'
import { useState } from 'react'
import { PlainView } from '../text/mrkdwn-view.js'

export function ImageView({ block }: { block: ImageBlock }) {
  const [open, setOpen] = useState(true)
  return (
    <figure className="block-image">
      {block.title && (
        <figcaption>
          <button type="button" className="link-button" aria-expanded={open} onClick={() => setOpen(!open)}>
            <PlainView text={block.title.text} /> <span aria-hidden="true">{open ? '▾' : '▸'}</span>
          </button>
        </figcaption>
      )}
      {open && <Picture image={block} className="block-image-picture" />}
    </figure>
  )
}

/** An image of a block or element; one that cannot be loaded shows its alternative text. */
export function Picture({ image, className }: { image: ImageBlock | ImageElement; className: string }) {
  const [broken, setBroken] = useState(false)
  const url = 'image_url' in image ? image.image_url : 'url' in image.slack_file ? image.slack_file.url : ''
  if (broken || !url)
    return (
      <span className="image-broken" role="img" aria-label={image.alt_text}>
        🖼 {image.alt_text}
      </span>
    )
  return <img className={className} src={url} alt={image.alt_text} onError={() => setBroken(true)} />
}
