import { randomUUID } from 'node:crypto'
import type pg from 'pg'

export type Product = { id: number; name: string; blurb: string; priceCents: number; picture: string }
export type Line = { product: Product; quantity: number }
export type Order = { id: string; totalCents: number; placedAt: Date }

const columns = 'id, name, blurb, price_cents as "priceCents", picture'

export async function listProducts(db: pg.Pool): Promise<Product[]> {
  const { rows } = await db.query<Product>(`select ${columns} from products order by id`)
  return rows
}

export async function findProduct(db: pg.Pool, id: number): Promise<Product | null> {
  const { rows } = await db.query<Product>(`select ${columns} from products where id = $1`, [id])
  return rows[0] ?? null
}

/** Writes the order and its lines at once; `giftNote` only where the release knows the column. */
export async function placeOrder(db: pg.Pool, lines: Line[], servedBy: string, giftNote: string | null) {
  const id = randomUUID()
  const total = lines.reduce((sum, line) => sum + line.product.priceCents * line.quantity, 0)
  const note = giftNote === null ? { column: '', value: '', values: [] } : noteColumn(giftNote)
  await db.query(
    `with placed as (
       insert into orders (id, total_cents, served_by${note.column}) values ($1, $2, $3${note.value})
     )
     insert into order_lines (order_id, product_id, quantity, price_cents)
     select $1, * from unnest($4::int[], $5::int[], $6::int[])`,
    [
      id,
      total,
      servedBy,
      lines.map((line) => line.product.id),
      lines.map((line) => line.quantity),
      lines.map((line) => line.product.priceCents),
      ...note.values,
    ],
  )
  return id
}

const noteColumn = (note: string) => ({ column: ', gift_note', value: ', $7', values: [note.slice(0, 300)] })

export async function findOrder(db: pg.Pool, id: string): Promise<Order | null> {
  const { rows } = await db.query<Order>(
    'select id, total_cents as "totalCents", placed_at as "placedAt" from orders where id::text = $1',
    [id],
  )
  return rows[0] ?? null
}

/** The name of the newest migration the database has; null before the first. */
export async function schemaOf(db: pg.Pool): Promise<string | null> {
  const { rows } = await db.query<{ name: string | null }>('select max(name) as name from shop_migrations')
  return rows[0]?.name ?? null
}
