/** Markup that is safe to send. */
export type Html = { html: string }

/** Builds markup; every value is escaped unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...values: (Html | Html[] | string | number | null)[]): Html {
  return { html: parts.reduce((text, part, index) => text + textOf(values[index - 1] ?? null) + part) }
}

function textOf(value: Html | Html[] | string | number | null): string {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map((item) => item.html).join('')
  return typeof value === 'object' ? value.html : escaped(String(value))
}

const entities: { [char: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? char)

export const money = (cents: number): string => `€${(cents / 100).toFixed(2)}`
