import type { MergeKind, TableMerge } from '../../../backups/tables.js'
import { canMerge } from '../../../backups/tables.js'
import type { Session } from '../../postgres/session.js'
import { foundColumn, type Reviewed } from './review.js'

/** Rows of the review into their tables, those that others refer to first; what is overwritten is kept beside them. */
export async function mergedInto(live: Session, all: Reviewed[], kind: MergeKind): Promise<TableMerge[]> {
  const done: TableMerge[] = []
  for (const one of await parentsFirst(live, all.filter(canMerge))) {
    const { table, live: into, here, before, key, columns } = one
    const names = columns.join(', ')
    const [added] = await live.rows<{ rows: number }>(
      `with added as (
         insert into ${into} (${names}) overriding system value
         select ${names} from ${here} where ${foundColumn} = 'gone'
         on conflict (${key.join(', ')}) do nothing returning 1)
       select count(*)::float8 as rows from added`,
    )
    const setBack = kind === 'all' ? await changedBack(live, { into, here, before, key, columns }) : 0
    done.push({ table, added: added?.rows ?? 0, setBack })
  }
  return done
}

type Sides = Pick<Reviewed, 'here' | 'before' | 'key' | 'columns'> & { into: string }

const sameKey = (key: string[]) => key.map((name) => `n.${name} = s.${name}`).join(' and ')

async function changedBack(live: Session, { into, here, before, key, columns }: Sides): Promise<number> {
  const values = columns.filter((name) => !key.includes(name))
  if (values.length === 0) return 0
  await live.rows(
    `create table ${before} as select n.* from ${into} n join ${here} s on ${sameKey(key)} where s.${foundColumn} = 'changed'`,
  )
  const [found] = await live.rows<{ rows: number }>(
    `with changed as (
       update ${into} n set ${values.map((name) => `${name} = s.${name}`).join(', ')}
       from ${here} s where ${sameKey(key)} and s.${foundColumn} = 'changed' returning 1)
     select count(*)::float8 as rows from changed`,
  )
  return found?.rows ?? 0
}

/** The way back of a merge: rows that are still as it left them. Children first, since nothing may refer to what goes. */
export async function takenOut(live: Session, all: Reviewed[], kind: MergeKind): Promise<number> {
  let rows = 0
  for (const one of (await parentsFirst(live, all.filter(canMerge))).reverse()) {
    const { live: from, here, before, key, columns } = one
    const still = [sameKey(key), ...columns.map((name) => `n.${name}::text is not distinct from s.${name}::text`)]
    const [gone] = await live.rows<{ rows: number }>(
      `with gone as (
         delete from ${from} n using ${here} s where s.${foundColumn} = 'gone' and ${still.join(' and ')} returning 1)
       select count(*)::float8 as rows from gone`,
    )
    rows += gone?.rows ?? 0
    const values = columns.filter((name) => !key.includes(name))
    if (kind !== 'all' || values.length === 0) continue
    const [back] = await live.rows<{ rows: number }>(
      `with back as (
         update ${from} n set ${values.map((name) => `${name} = b.${name}`).join(', ')}
         from ${here} s, ${before} b
         where s.${foundColumn} = 'changed' and ${still.join(' and ')}
           and ${key.map((name) => `b.${name} = s.${name}`).join(' and ')} returning 1)
       select count(*)::float8 as rows from back`,
    )
    rows += back?.rows ?? 0
    await live.rows(`drop table ${before}`)
  }
  return rows
}

/** Rows of the review that are not in their tables as they were. */
export async function notThere(live: Session, all: Reviewed[], kind: MergeKind): Promise<number> {
  let rows = 0
  for (const { live: into, here, key, columns } of all.filter(canMerge)) {
    const differs = columns.map((name) => `n.${name}::text is distinct from s.${name}::text`).join(' or ')
    const [found] = await live.rows<{ rows: number }>(
      `select count(*)::float8 as rows from ${here} s left join ${into} n on ${sameKey(key)}
        where n.${key[0]} is null ${kind === 'all' ? `or (s.${foundColumn} = 'changed' and (${differs}))` : ''}`,
    )
    rows += found?.rows ?? 0
  }
  return rows
}

/** By their foreign keys; tables in a circle stay in the order in which they were named. */
async function parentsFirst(live: Session, tables: Reviewed[]): Promise<Reviewed[]> {
  const pairs = await live.rows<{ child: string; parent: string }>(
    `select distinct c.name as child, p.name as parent
       from unnest($1::text[]) c (name), unnest($1::text[]) p (name), pg_constraint k
      where k.contype = 'f' and k.conrelid = to_regclass(c.name) and k.confrelid = to_regclass(p.name) and c.name <> p.name`,
    [tables.map((one) => one.live)],
  )
  const ordered: Reviewed[] = []
  const rest = [...tables]
  while (rest.length > 0) {
    const free = rest.findIndex((one) =>
      pairs.every(({ child, parent }) => child !== one.live || !rest.some((other) => other.live === parent)),
    )
    ordered.push(...rest.splice(Math.max(0, free), 1))
  }
  return ordered
}
