import type { MessageAttachment } from '@slack/types'
import type { Block } from '../../workspace/protocol.js'
import { BlocksView } from '../blocks/block-view.js'
import type { Surface } from '../elements/surface.js'
import { MrkdwnView } from '../text/mrkdwn-view.js'

const named: { [colour: string]: string } = { good: '#2eb67d', warning: '#ecb22e', danger: '#e01e5a' }

/** The older kind of message parts, with a coloured bar. */
export function Attachments({
  attachments,
  surface,
}: {
  attachments: { [field: string]: unknown }[]
  surface: Surface
}) {
  return (attachments as MessageAttachment[]).map((attachment, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: attachments have no identity but their place
    <div key={index} className="attachment" style={{ borderColor: barColour(attachment.color) }}>
      {attachment.blocks ? (
        <BlocksView blocks={attachment.blocks as unknown as Block[]} surface={surface} />
      ) : (
        <Plain attachment={attachment} />
      )}
    </div>
  ))
}

function Plain({ attachment }: { attachment: MessageAttachment }) {
  const { pretext, author_name, title, title_link, text, fields, image_url, footer, fallback } = attachment
  return (
    <div className="blocks">
      {pretext && (
        <div>
          <MrkdwnView text={pretext} />
        </div>
      )}
      {author_name && <div className="card-subtitle">{author_name}</div>}
      {title && (
        <b>
          {title_link ? (
            <a href={title_link} target="_blank" rel="noreferrer">
              {title}
            </a>
          ) : (
            title
          )}
        </b>
      )}
      {text && (
        <div>
          <MrkdwnView text={text} />
        </div>
      )}
      {fields && (
        <div className="block-fields">
          {fields.map((field) => (
            <div key={field.title}>
              <b>{field.title}</b>
              <br />
              <MrkdwnView text={field.value} />
            </div>
          ))}
        </div>
      )}
      {image_url && <img className="block-image-picture" src={image_url} alt={fallback ?? ''} />}
      {footer && <div className="block-context">{footer}</div>}
      {!pretext && !title && !text && !fields && fallback}
    </div>
  )
}

function barColour(color: string | undefined): string {
  if (!color) return 'var(--line)'
  return named[color] ?? (color.startsWith('#') ? color : `#${color}`)
}
