/** Words a person typed, or one line on why they cannot be read. */
export type Words = { words: string[] } | { problem: string }

/** Slack takes more, but nobody means more. */
export const longestText = 1_000

/**
 * Splits what was typed: quotes (straight, or the curly ones of phones) keep words together, Slack's markup becomes the
 * text a person saw, and characters that cannot be seen are dropped.
 */
export function wordsOf(text: string): Words {
  if (text.length > longestText)
    return { problem: `That is ${text.length} characters; a command has at most ${longestText}.` }
  const words = plain(text).matchAll(/"([^"]*)"?|(<[@#!][^>]*>)|([^\s"]+)/g)
  return { words: [...words].map(([, quoted, mention, bare]) => quoted?.trim() ?? person(mention) ?? bare ?? '') }
}

function plain(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[“”„‟«»″]/g, '"')
    .replace(/[‘’‚‛′]/g, "'")
    .replace(/<(?:https?|mailto):[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<((?:https?|mailto):[^>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
    .replace(/[\p{Zs}\p{Cc}]/gu, ' ')
}

/** `<@U123|rita>` and `<@U123>` are one person, whatever name stands in them. */
const person = (mention: string | undefined) => mention?.replace(/^<([@#!][^|>]*)\|[^>]*>$/, '<$1>')
