import type { RunId } from '../../runs/run.js'
import { linkHash } from '../audit.js'

/** The audit chain of one run as its carrier knows it, so that the next rows are hashed without reading the last one. */
export type Chain = {
  /** Rows there are, the last one's hash, and for each new row its text and its hash. */
  links(first: string, second: string | undefined): (string | number | null | undefined)[]
  /** What the database answered to a write: "rows hash". */
  known(answer: string): void
  /** A write of unknown outcome, or one that did not go this way: the next one finds out. */
  forgotten(): void
}

/** No chain has so few rows: the database reads its last row itself. */
const unknown = -1

export function createChain(run: RunId): Chain {
  let rows = unknown
  let last = ''
  return {
    links: (first, second) => {
      if (rows === unknown) return [unknown, null, first, null, second, null]
      const firstHash = linkHash({ run, position: rows + 1, entry: first, prev: last })
      const secondHash = second && linkHash({ run, position: rows + 2, entry: second, prev: firstHash })
      return [rows, last, first, firstHash, second, secondHash]
    },
    known: (answer) => {
      const space = answer.indexOf(' ')
      rows = Number(answer.slice(0, space))
      last = answer.slice(space + 1)
    },
    forgotten: () => {
      rows = unknown
    },
  }
}
