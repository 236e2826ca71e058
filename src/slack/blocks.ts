import type {
  ActionsBlock,
  Button,
  ConfirmationDialog,
  ContextBlock,
  DividerBlock,
  KnownBlock,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from '@slack/types'

/** What Slack is given: `text` is the fallback that a lock screen or a screen reader reads. */
export type Message = { text: string; blocks: KnownBlock[] }

const blockText = 3000
const fallbackText = 1000
const mostBlocks = 50

/** `verbatim` keeps Slack from making mentions or links out of plain words that came from outside. */
export const mrkdwn = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true })

/** Plain text cut to Slack's limit for its place. */
export const plain = (text: string, max: number): PlainTextElement => ({
  type: 'plain_text',
  text: text.length > max ? `${text.slice(0, max - 1).trimEnd()}…` : text || '–',
  emoji: false,
})

/** Lines as one section; those that do not fit are counted in its last line. Null when there are none. */
export function section(...lines: (string | null)[]): SectionBlock | null {
  const text = fitted(lines.filter((line): line is string => line !== null && line !== ''))
  return text === '' ? null : { type: 'section', text: mrkdwn(text) }
}

/** Small grey facts, joined into one element so that they wrap like a sentence. */
export function context(...lines: (string | null)[]): ContextBlock | null {
  const text = fitted(lines.filter((line): line is string => line !== null && line !== ''))
  return text === '' ? null : { type: 'context', elements: [mrkdwn(text)] }
}

export const divider: DividerBlock = { type: 'divider' }

export function actions(blockId: string, buttons: Button[]): ActionsBlock | null {
  return buttons.length === 0 ? null : { type: 'actions', block_id: blockId, elements: buttons }
}

export function confirmation(title: string, text: string, confirm: string, danger = false): ConfirmationDialog {
  return {
    title: plain(title, 100),
    text: plain(text, 300),
    confirm: plain(confirm, 30),
    deny: plain('Leave it', 30),
    ...(danger ? { style: 'danger' as const } : {}),
  }
}

/** A message from parts of which some may be absent; never more blocks than Slack takes. */
export function message(text: string, blocks: (KnownBlock | null)[]): Message {
  const there = blocks.filter((block): block is KnownBlock => block !== null)
  const words = text.length > fallbackText ? `${text.slice(0, fallbackText - 1)}…` : text
  return { text: words || 'Shipmate', blocks: within(there) }
}

/** Keeps the last block, where the buttons are. */
function within(blocks: KnownBlock[]): KnownBlock[] {
  const last = blocks.at(-1)
  return blocks.length <= mostBlocks || !last ? blocks : [...blocks.slice(0, mostBlocks - 1), last]
}

/** Whole lines only: half a line could end inside an entity or a token. */
function fitted(lines: string[]): string {
  const room = blockText - 40
  const taken: string[] = []
  let length = 0
  for (const line of lines) {
    if (length + line.length + 1 > room) return [...taken, `… and ${lines.length - taken.length} more`].join('\n')
    taken.push(line)
    length += line.length + 1
  }
  return taken.join('\n')
}
