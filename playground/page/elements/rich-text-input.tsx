import type { RichTextBlock, RichTextInput } from '@slack/types'
import { useElement } from './use-element.js'

/** Rich text typed as plain lines: enough to fill in a form. */
export function RichTextInputElement({ element }: { element: RichTextInput }) {
  const { state, write, ...block } = useElement<{ rich_text_value: RichTextBlock | null }>(element)
  return (
    <textarea
      className="field"
      rows={element.min_lines ?? 4}
      placeholder={element.placeholder?.text}
      value={state.rich_text_value ? wordsOf(state.rich_text_value) : ''}
      aria-labelledby={block.labelId}
      aria-describedby={block.describedBy}
      aria-invalid={block.invalid}
      data-action={element.action_id}
      data-focus-on-load={element.focus_on_load}
      onChange={(event) => write({ rich_text_value: event.target.value ? blockOf(event.target.value) : null })}
    />
  )
}

function blockOf(text: string): RichTextBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }
}

function wordsOf({ elements }: RichTextBlock): string {
  return elements
    .flatMap((part) =>
      part.type === 'rich_text_list' ? part.elements.flatMap((item) => item.elements) : part.elements,
    )
    .map((leaf) => (leaf.type === 'text' ? leaf.text : leaf.type === 'link' ? leaf.url : ''))
    .join('')
}
