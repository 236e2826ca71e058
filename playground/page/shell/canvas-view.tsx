import type { ChannelSummary } from '../../workspace/protocol.js'
import { MarkdownView } from '../blocks/markdown.js'
import { useCanvases } from '../control/queries.js'
import { useSession } from '../control/session.js'

/** What a canvas without a title is called. */
export const canvasTitle = (title: string): string => title || 'Canvas'

/** A page of a channel, to be read. */
export function CanvasView({ channel, id }: { channel: ChannelSummary; id: string }) {
  const { control, person } = useSession()
  const canvases = useCanvases(control, channel.id)
  const canvas = canvases.data?.find((one) => one.id === id)
  if (canvases.error)
    return (
      <p className="pane-error" role="alert">
        {canvases.error.message}
      </p>
    )
  if (!canvas) return <div className="canvas" aria-busy="true" />
  const written = new Date(canvas.updated_s * 1000).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
  })
  return (
    <div className="canvas">
      <article className="canvas-page" aria-label={canvasTitle(canvas.title)}>
        <p className="pane-note">
          Last changed by {person(canvas.updated_by)?.real_name ?? canvas.updated_by}, {written}
        </p>
        <MarkdownView text={canvas.markdown} />
      </article>
    </div>
  )
}
