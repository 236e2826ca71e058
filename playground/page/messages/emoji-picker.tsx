import { useMemo, useState } from 'react'
import { Popup } from '../overlays/popup.js'
import { type Emoji, emojiCategories, searchEmoji } from '../text/emoji.js'

type Props = { label: string; className: string; sign?: string; pick: (name: string) => void }

/** A button that opens the emoji list. */
export function EmojiPopup({ label, className, sign, pick }: Props) {
  return (
    <Popup
      label="Emoji"
      role="dialog"
      className="popup-emoji"
      button={(props) => (
        <button {...props} type="button" className={className} aria-label={label} title={label}>
          <span aria-hidden="true">{sign ?? '☺+'}</span>
        </button>
      )}
    >
      {(close) => (
        <EmojiPicker
          pick={(name) => {
            close()
            pick(name)
          }}
        />
      )}
    </Popup>
  )
}

const names: { [category: string]: string } = {
  people: 'Smileys & people',
  foods: 'Food & drink',
  places: 'Travel & places',
}

function EmojiPicker({ pick }: { pick: (name: string) => void }) {
  const [words, setWords] = useState('')
  const categories = useMemo(
    () => (words ? [{ id: 'found', emoji: searchEmoji(words, 60) }] : emojiCategories()),
    [words],
  )
  return (
    <>
      <input
        className="field picker-words"
        aria-label="Search all emoji"
        placeholder="Search all emoji"
        // biome-ignore lint/a11y/noAutofocus: the person has just opened the list to search in it
        autoFocus
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          const first = categories[0]?.emoji[0]
          if (event.key === 'Enter' && first) pick(first.name)
        }}
      />
      <div className="emoji-list">
        {categories.map(({ id, emoji }) => (
          <section key={id} aria-label={names[id] ?? id}>
            <h4>{words ? 'Search results' : (names[id] ?? id)}</h4>
            <div className="emoji-grid">
              {emoji.map((one) => (
                <EmojiButton key={one.name} emoji={one} pick={pick} />
              ))}
            </div>
          </section>
        ))}
      </div>
    </>
  )
}

function EmojiButton({ emoji, pick }: { emoji: Emoji; pick: (name: string) => void }) {
  return (
    <button
      type="button"
      className="emoji-button emoji"
      title={`:${emoji.name}:`}
      aria-label={emoji.label}
      onClick={() => pick(emoji.name)}
    >
      {emoji.character}
    </button>
  )
}
