import { type Html, html, money } from './html.js'
import type { Line, Order, Product } from './orders.js'
import { picture } from './pictures.js'
import type { ShopRelease } from './release.js'

/** What every page shows besides its own content. */
export type Frame = { release: ShopRelease; instance: string; inCart: number }

export function listPage(frame: Frame, products: Product[]): string {
  return page(
    frame,
    'Tidewater Supply',
    html`<section class="hero"><h1>${frame.release.look.tagline}</h1>
<p>Things that work at sea, and everywhere drier.</p></section>
<ul class="products ${frame.release.look.layout}">${products.map(card)}</ul>`,
  )
}

const card = (product: Product): Html => html`<li><a href="/products/${product.id}">
<figure>${picture(product.picture)}</figure><h2>${product.name}</h2><p class="price">${money(product.priceCents)}</p></a></li>
`

export function productPage(frame: Frame, product: Product): string {
  return page(
    frame,
    product.name,
    html`<article class="product"><figure>${picture(product.picture)}</figure><div><h1>${product.name}</h1>
<p>${product.blurb}</p><p class="price">${money(product.priceCents)}</p>
<form method="post" action="/cart"><input type="hidden" name="product" value="${product.id}">
<button>Add to cart</button></form></div></article>`,
  )
}

export function cartPage(frame: Frame, lines: Line[]): string {
  const total = lines.reduce((sum, line) => sum + line.quantity * line.product.priceCents, 0)
  const note = frame.release.look.giftNotes
    ? html`<label>Gift note <input name="note" maxlength="300" placeholder="Fair winds!"></label>`
    : null
  const content =
    lines.length === 0
      ? html`<p>Your cart is empty. <a href="/">Look around</a></p>`
      : html`<table>${lines.map(row)}<tr class="total"><td>Total</td><td></td><td>${money(total)}</td></tr></table>
<form method="post" action="/checkout">${note}<button>Place order</button></form>`
  return page(frame, 'Your cart', html`<section class="cart"><h1>Your cart</h1>${content}</section>`)
}

const row = (line: Line): Html =>
  html`<tr><td>${line.product.name}</td><td>× ${line.quantity}</td><td>${money(line.quantity * line.product.priceCents)}</td></tr>`

export function orderPage(frame: Frame, order: Order): string {
  return page(
    frame,
    'Thank you',
    html`<section class="cart"><h1>Thank you</h1><p>Order <code>${order.id.slice(0, 8)}</code> over
${money(order.totalCents)} is on its way to the packing table.</p><p><a href="/">Back to the shop</a></p></section>`,
  )
}

export function sorryPage(frame: Frame, title: string, words: string): string {
  return page(
    frame,
    title,
    html`<section class="cart"><h1>${title}</h1><p>${words}</p><p><a href="/">Back to the shop</a></p></section>`,
  )
}

function page({ release, instance, inCart }: Frame, title: string, content: Html): string {
  const cart = inCart > 0 ? html` <b>${inCart}</b>` : null
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/${release.assets.css}">
<script src="/assets/${release.assets.js}" defer></script></head><body class="${release.look.name}">
<header><a class="name" href="/">Tidewater Supply</a><nav><a href="/">Shop</a><a href="/cart">Cart${cart}</a></nav></header>
<main>${content}</main>
<footer><span>Tidewater Supply</span><span class="build">storefront <b>${release.version}</b> · ${release.commit.slice(0, 7)} · ${instance.slice(0, 8)}</span></footer>
</body></html>`.html
}
