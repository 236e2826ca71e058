import Markdown from 'react-markdown'
import remarkGfm from 'remark-gfm'

const newTab = {
  a: ({ href, children }: { href?: string; children?: React.ReactNode }) => (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  ),
}

/** Standard markdown (not mrkdwn), with tables and task lists. Raw HTML stays text. */
export function MarkdownView({ text }: { text: string }) {
  return (
    <div className="block-markdown">
      <Markdown remarkPlugins={[remarkGfm]} components={newTab}>
        {text}
      </Markdown>
    </div>
  )
}
