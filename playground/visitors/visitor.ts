import type { Visit } from './visit.js'

/** What a visitor remembers from one page to the next. */
export type Visitor = { turn: number; cookie: string; assets: string[] }

export const newVisitor = (): Visitor => ({ turn: 0, cookie: '', assets: [] })

/**
 * What this visitor does next: looks around, opens products, loads what the last page asked for (maybe long after it was
 * built), and now and then buys.
 */
export function nextVisit(visitor: Visitor): Visit {
  const turn = visitor.turn++
  const product = (turn % 8) + 1
  const asset = visitor.assets[turn % Math.max(1, visitor.assets.length)]
  const cookie = visitor.cookie === '' ? {} : { cookie: visitor.cookie }
  if (turn % 20 === 13) return { method: 'POST', path: '/cart', body: `product=${product}`, ...cookie }
  if (turn % 20 === 16) return { method: 'POST', path: '/checkout', body: '', ...cookie }
  if (turn % 5 === 4 && asset !== undefined) return { method: 'GET', path: asset }
  if (turn % 5 === 2) return { method: 'GET', path: `/products/${product}`, ...cookie }
  return { method: 'GET', path: '/', ...cookie }
}

export function remember(visitor: Visitor, page: { body: string; cookie: string | null }): void {
  if (page.cookie !== null) visitor.cookie = page.cookie
  const found = [...page.body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].flatMap((match) => match[1] ?? [])
  if (found.length > 0) visitor.assets = found
}
