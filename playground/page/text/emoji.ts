import type { EmojiMartData } from '@emoji-mart/data'
import data from '@emoji-mart/data'

export type Emoji = { name: string; character: string; label: string }

const known = data as unknown as EmojiMartData

/** The character of a shortcode in Slack's spelling (`white_check_mark`, `+1::skin-tone-3`), or nothing when there is none. */
export function emojiCharacter(shortcode: string): string | undefined {
  const [name = '', tone] = shortcode.split('::')
  const emoji = known.emojis[name] ?? known.emojis[known.aliases[name] ?? '']
  const skin = tone ? Number(tone.replace('skin-tone-', '')) - 1 : 0
  return (emoji?.skins[skin] ?? emoji?.skins[0])?.native
}

/** Emoji whose name, label or keyword begins with the words, names first; at most `limit`. */
export function searchEmoji(words: string, limit: number): Emoji[] {
  const wanted = words.toLowerCase().trim()
  const all = Object.values(known.emojis)
  const named = all.filter(({ id }) => id.startsWith(wanted))
  const others = all.filter(
    ({ id, name, keywords }) =>
      !id.startsWith(wanted) &&
      (id.includes(wanted) || name.toLowerCase().includes(wanted) || keywords.some((word) => word.startsWith(wanted))),
  )
  return [...named.sort((a, b) => a.id.length - b.id.length), ...others].slice(0, limit).map(asEmoji)
}

/** All emoji by category, in Slack's order. */
export function emojiCategories(): { id: string; emoji: Emoji[] }[] {
  return known.categories.map(({ id, emojis }) => ({
    id,
    emoji: emojis.flatMap((name) => {
      const emoji = known.emojis[name]
      return emoji ? [asEmoji(emoji)] : []
    }),
  }))
}

function asEmoji({ id, name, skins }: EmojiMartData['emojis'][string]): Emoji {
  return { name: id, character: skins[0]?.native ?? '', label: name }
}
