import type { KnownBlock } from '@slack/types'
import type { Message } from '../../src/slack/blocks.js'

/** What a person reads, top to bottom: blocks as lines, buttons in brackets, date tokens as their fallback. */
export function textOf({ blocks }: Message): string {
  return blocks
    .map(blockText)
    .join('\n')
    .replaceAll('\u2003', '  ')
    .replace(/<!date\^\d+\^[^|]*\|([^>]*)>/g, '$1')
}

export function buttonsIn({
  blocks,
}: Message): { label: string; style?: string | undefined; value: string; confirm?: string | undefined }[] {
  return blocks.flatMap((block) =>
    block.type !== 'actions'
      ? []
      : block.elements.flatMap((element) =>
          element.type !== 'button'
            ? []
            : [
                {
                  label: element.text.text,
                  style: element.style,
                  value: element.value ?? '',
                  confirm: element.confirm?.text?.text,
                },
              ],
        ),
  )
}

function blockText(block: KnownBlock): string {
  switch (block.type) {
    case 'section':
      return block.text?.text ?? ''
    case 'context':
      return block.elements.map((element) => ('text' in element ? element.text : '')).join(' ')
    case 'actions':
      return block.elements.map((element) => (element.type === 'button' ? `[ ${element.text.text} ]` : '')).join(' ')
    case 'divider':
      return '---'
    case 'header':
      return block.text.text
    default:
      return `(${block.type})`
  }
}
