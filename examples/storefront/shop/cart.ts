import type pg from 'pg'
import { type Line, listProducts } from './orders.js'

/** The cart travels in a cookie: `1x2.5x1` is two lanterns and a bag. */
export type Cart = Map<number, number>

const most = 20

export function readCart(cookies: string | undefined): Cart {
  const text = /(?:^|;\s*)cart=([0-9x.]+)/.exec(cookies ?? '')?.[1] ?? ''
  const pairs = text.split('.').map((part) => part.split('x').map(Number))
  return new Map(pairs.flatMap(([id, count]) => (id && count ? [[id, Math.min(count, most)] as const] : [])))
}

export function writeCart(cart: Cart): string {
  const value = [...cart].map(([id, count]) => `${id}x${count}`).join('.')
  return `cart=${value}; Path=/; SameSite=Lax; HttpOnly${value ? '' : '; Max-Age=0'}`
}

export function addToCart(cart: Cart, product: number): Cart {
  return new Map(cart).set(product, Math.min((cart.get(product) ?? 0) + 1, most))
}

export const sizeOf = (cart: Cart): number => [...cart.values()].reduce((sum, count) => sum + count, 0)

/** The cart's lines with products as they are now; products that are gone are left out. */
export async function linesOf(db: pg.Pool, cart: Cart): Promise<Line[]> {
  const products = await listProducts(db)
  return products.flatMap((product) => {
    const quantity = cart.get(product.id)
    return quantity ? [{ product, quantity }] : []
  })
}
