import { guideSteps } from '../../incidents/guides/standing.js'
import type { RunView } from '../../runs/run.js'

/** For one line on the incident's card. */
export function guideStanding(view: RunView) {
  const steps = guideSteps(view)
  const ended = steps.filter(({ standing }) => standing !== 'current' && standing !== 'coming').length
  const current = steps.find(({ standing }) => standing === 'current') ?? null
  const asks = current?.records.some(({ step, state }) => step.verb === 'ask' && state === 'waiting') ?? false
  return {
    title: guideTitle(view),
    done: steps.filter(({ standing }) => standing === 'done' || standing === 'found').length,
    of: steps.length,
    at: Math.min(steps.length, ended + 1),
    current: current?.title ?? null,
    waits: asks ? 'waiting for people' : 'at work',
  }
}

/** The guide's own heading; its name where it has none. */
export function guideTitle({ run }: RunView): string {
  const { markdown, guide } = run.intent.input
  const heading = typeof markdown === 'string' ? /^#\s+(.+?)\s*#*$/m.exec(markdown)?.[1] : undefined
  const words = String(guide ?? run.intent.job).replaceAll('-', ' ')
  return heading ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
