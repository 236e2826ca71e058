import type { IncidentView, Suspect } from './incident.js'

/** Deploys that may have done it, likeliest first. */
export const suspectedRuns = ({ suspects }: IncidentView): (Suspect & { run: number })[] =>
  [...suspects]
    .sort((a, b) => b.score - a.score)
    .filter((suspect): suspect is Suspect & { run: number } => suspect.run !== null && suspect.kind === 'deploy')
    .slice(0, 2)

/** Before the likeliest deploy, else the minute before it began; as the form of a restore takes it. */
export function lastGoodMoment(view: IncidentView): { [field: string]: string } {
  const { impact, declaredAt } = view.incident
  const [suspect] = suspectedRuns(view)
  if (suspect) return { point: `before ${suspect.run}` }
  return { moment: new Date((impact?.since ?? declaredAt).getTime() - 60_000).toISOString() }
}
