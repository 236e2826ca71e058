import type pg from 'pg'
import type { RunView } from '../../src/runs/run.js'
import type { Store } from '../../src/store/connect.js'

/** All that a run left behind, without what may differ between two runs that did the same: numbers, times, epochs. */
export type LeftBehind = {
  state: string
  reason: string
  steps: { key: string; state: string; says: string; output: string }[]
  effects: string[]
  deployed: string[]
  acts: string[]
  posts: string[]
  broken: number
}

export async function leftBehind(store: Store, world: pg.Pool, run: number): Promise<LeftBehind> {
  const { view, effects, deployed, posts } = await rowsOf(store, world, run)
  const trail = await store.audit.of(run)
  return {
    state: view.run.state,
    reason: view.run.reason?.text ?? '',
    steps: view.steps.map(({ key, state, evidence, output }) => {
      return { key, state, says: JSON.stringify(evidence), output: JSON.stringify(output) }
    }),
    effects,
    deployed,
    acts: onceEach(
      trail.map(({ act, subject: { intent, epoch, at, attempt, ...rest } }) => `${act} ${JSON.stringify(rest)}`),
    ),
    posts,
    broken: (await store.audit.verify(run)).broken.length,
  }
}

async function rowsOf(store: Store, world: pg.Pool, run: number) {
  const texts = async (query: string) =>
    (await world.query<{ text: string }>(query, [run])).rows.map(({ text }) => text)
  const view: RunView | null = await store.desk.view(run)
  if (!view) throw new Error(`run ${run} is gone`)
  return {
    view,
    effects: await texts('select what as text from public.effects where run = $1 order by id'),
    deployed: await texts(
      `select service || ' ' || version || ' x' || instances as text from shipmate.deployments where run = $1`,
    ),
    posts: await texts(`select key || ': ' || text as text from shipmate.posts where run = $1 order by id`),
  }
}

/** What another worker says again: that it took the locks, and that it began what was cut off. */
const onceEach = (acts: string[]): string[] => [...new Set(acts)]

/**
 * How a run that was cut off differs from one that was not; empty when nobody can tell them apart. `asked`: the step
 * that people were asked about, which may have ended by their word instead of its own.
 */
export function differences(uncut: LeftBehind, cut: LeftBehind, asked: string | null = null): string[] {
  const told = (left: LeftBehind) => ({
    ...left,
    steps: left.steps.filter(({ key }) => !concerns(key, asked)),
    acts: left.acts.filter((act) => !concerns(act, asked)),
    posts: left.posts.filter((post) => !concerns(post, asked)),
  })
  const [one, other] = [told(uncut), told(cut)]
  const names = Object.keys(one) as (keyof LeftBehind)[]
  return names.flatMap((name) => {
    const [wanted, came] = [one[name], other[name]].map(parts)
    if (!wanted || !came || wanted.join() === came.join()) return []
    const [missing, more] = [
      wanted.filter((part) => !came.includes(part)),
      came.filter((part) => !wanted.includes(part)),
    ]
    return [`${name}: missing ${missing.join(', ')}; more ${more.join(', ')}; ${came.length} of ${wanted.length}`]
  })
}

const parts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map((part) => JSON.stringify(part))

const concerns = (text: string, asked: string | null): boolean =>
  asked !== null && (text === asked || text.includes(`choose-${asked}`) || text.includes(`"${asked}"`))

/** Effects that the world has more than once. */
export const doneTwice = ({ effects }: LeftBehind): string[] =>
  effects.filter((what, index) => effects.indexOf(what) !== index)
