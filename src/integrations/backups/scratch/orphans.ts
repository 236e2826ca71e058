import type { ScratchFindings } from '../../../backups/engine.js'
import type { Session } from '../../postgres/session.js'

type Foreign = { constraint: string; child: string; parent: string; pairs: { child: string; parent: string }[] }

/** For every foreign key, how many rows name a parent that is not there. Restored files can hold what no insert could. */
export async function orphansIn(session: Session): Promise<ScratchFindings['orphans']> {
  const found: ScratchFindings['orphans'] = []
  // An index that lost entries would hide them: rows are compared by themselves.
  await session.rows('set enable_indexscan = off')
  await session.rows('set enable_indexonlyscan = off')
  await session.rows('set enable_bitmapscan = off')
  for (const key of await foreignKeys(session)) {
    const [counted] = await session.rows<{ rows: string }>(orphanQuery(key))
    found.push({ constraint: key.constraint, rows: Number(counted?.rows) })
  }
  for (const way of ['indexscan', 'indexonlyscan', 'bitmapscan']) await session.rows(`reset enable_${way}`)
  return found
}

/** Names come quoted from the catalogue; of a partitioned table only the constraint that people wrote. */
const foreignKeys = (session: Session) =>
  session.rows<Foreign>(
    `select format('%s.%s', k.conrelid::regclass, k.conname) as constraint,
            k.conrelid::regclass::text as child, k.confrelid::regclass::text as parent,
            (select json_agg(json_build_object('child', quote_ident(c.attname), 'parent', quote_ident(p.attname)) order by pair.place)
               from unnest(k.conkey, k.confkey) with ordinality as pair(child, parent, place)
               join pg_attribute c on c.attrelid = k.conrelid and c.attnum = pair.child
               join pg_attribute p on p.attrelid = k.confrelid and p.attnum = pair.parent) as pairs
       from pg_constraint k
      where k.contype = 'f' and k.conparentid = 0
      order by 1`,
  )

export function orphanQuery({ child, parent, pairs }: Foreign): string {
  const given = pairs.map((pair) => `c.${pair.child} is not null`).join(' and ')
  const same = pairs.map((pair) => `p.${pair.parent} = c.${pair.child}`).join(' and ')
  return `select count(*) as rows from ${child} c where ${given} and not exists (select 1 from ${parent} p where ${same})`
}
