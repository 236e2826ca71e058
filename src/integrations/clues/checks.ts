import type { Clue } from '../../incidents/clues.js'
import { gateChecks } from '../../releases/watch.js'
import { asked, type ClueParts, clueAt, together } from './asking.js'

/** These are looked at by clues of their own. */
const elsewhere = /^(postgres\.|external\.|metrics\.|alerts\.|logs\.)/

/** What of the resolve gate fails now. */
export const checksClue = (parts: ClueParts): Clue =>
  clueAt('checks', async (at, scene, signal) => {
    const gate = gateChecks(parts.catalogue, at.service, at.environment).filter(({ check }) => !elsewhere.test(check))
    const looked = await Promise.all(
      gate.map(async ({ key, check, with: input }) => ({ key, found: await asked(parts, check, input, signal) })),
    )
    const suspects = looked.flatMap(({ key, found: { outcome, summary, next } }) =>
      outcome === 'fail'
        ? [
            {
              ...{ key: `check:${key}`, kind: 'check' as const, text: summary, evidence: next ? [next] : [] },
              // That visitors get no answer is what everybody knows already; the others may say why.
              ...{ score: key === 'http.probe' ? 0.3 : 0.65, at: scene.now, run: null },
            },
          ]
        : [],
    )
    if (gate.length === 0) return { suspects: [], impact: null, skipped: 'no check of the place is set up' }
    return together(
      looked.map(({ found }) => found),
      { suspects, impact: null },
    )
  })
