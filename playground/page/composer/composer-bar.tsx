import { EmojiPopup } from '../messages/emoji-picker.js'
import { FormatButtons } from './format-buttons.js'
import { ShortcutsMenu } from './shortcuts-menu.js'
import type { Draft } from './use-draft.js'

type Props = { channel: string; draft: Draft; sending: boolean; send: () => Promise<void> }

/** The buttons below the text. */
export function ComposerBar({ channel, draft, sending, send }: Props) {
  const { text, caret, set, replace, wrap } = draft
  const insert = (words: string) => replace(caret, caret, words)
  const inWord = /\S$/.test(text.slice(0, caret))
  return (
    <div className="composer-bar">
      <ShortcutsMenu channel={channel} startCommand={() => set('/', [1, 1])} />
      <FormatButtons wrap={wrap} />
      <EmojiPopup className="icon-button" label="Emoji" sign="☺" pick={(name) => insert(`:${name}: `)} />
      <button
        type="button"
        className="icon-button"
        aria-label="Mention someone"
        title="Mention someone"
        onClick={() => insert(inWord ? ' @' : '@')}
      >
        @
      </button>
      <output className="composer-gap">
        {sending && <span className="spinner" role="img" aria-label="Sending" />}
      </output>
      <button
        type="button"
        className="composer-send"
        aria-label="Send now"
        title="Send now"
        disabled={!text.trim()}
        onClick={() => void send()}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M2 2.5 14.5 8 2 13.5l1.4-4.6L9 8 3.4 7.1z" fill="currentColor" />
        </svg>
      </button>
    </div>
  )
}
