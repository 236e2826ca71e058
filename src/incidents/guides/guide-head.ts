import { parse } from 'yaml'
import { z } from 'zod'
import type { Guide } from '../guide.js'

/** What a guide is suggested by: enough to find it, read without its steps. */
export type GuideHead = Pick<Guide, 'name' | 'title' | 'for'>

const words = z.array(z.string()).default([])
const frontShape = z.object({ alerts: words, services: words, symptoms: words })

/**
 * The head of a guide from its Markdown: its front matter and its title. Null where it has none that can be read; whether
 * its steps can be is `readGuide`'s question, whose reading costs a hundred times as much.
 */
export function guideHead(markdown: string, name: string): GuideHead | null {
  const text = markdown.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const front = /^---[ \t]*\n(?:([\s\S]*?)\n)?---[ \t]*(?:\n|$)/.exec(text)
  const title = /^ {0,3}#[ \t]+(.+?)[ \t]*#*$/m.exec(text.slice(front?.[0].length ?? 0))?.[1]
  if (!title) return null
  try {
    return { name, title: title.replace(/[*_`\\]/g, ''), for: frontShape.parse(parse(front?.[1] ?? '') ?? {}) }
  } catch {
    return null
  }
}
