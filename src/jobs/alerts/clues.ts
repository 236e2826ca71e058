import type { AlertRecord } from '../../incidents/alert.js'
import { alertSuspect, changeSuspect, deploySuspect, lookBack, type Shipped } from '../../incidents/alerts/scores.js'
import type { Clue, Found, Scene } from '../../incidents/clues.js'
import type { Suspect } from '../../incidents/incident.js'
import type { AlertDesk, IncidentReads } from '../../incidents/ports.js'

/** What our own runs changed in a stretch of time, newest first. */
export type ShippedReads = { shipped(from: Date, to: Date): Promise<Shipped[]> }

/** Above this a suspect is worth a line; the card shows the first few. */
const worthALine = 0.2
const most = 10

const ranked = (suspects: Suspect[]): Found => ({
  suspects: suspects
    .filter(({ score }) => score >= worthALine)
    .sort((a, b) => b.score - a.score || (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0))
    .slice(0, most),
  impact: null,
  skipped: null,
})

/** Deploys, rollbacks and changes of size that Shipmate carried out in the two hours before. */
export const deployClue = ({ shipped }: ShippedReads): Clue => ({
  name: 'deploys',
  look: async (scene) => ranked((await shipped(...stretch(scene))).map((one) => deploySuspect(one, scene))),
})

/** What changed that Shipmate did not do. */
export const changeClue = ({ changes }: Pick<IncidentReads, 'changes'>): Clue => ({
  name: 'outside changes',
  look: async (scene) => ranked((await changes(...stretch(scene))).map((one) => changeSuspect(one, scene))),
})

/** Other alerts that fire at the place, or that began there around the same time. */
export const alertClue = ({ list, alert }: Pick<AlertDesk, 'list' | 'alert'>): Clue => ({
  name: 'alerts',
  look: async (scene) => {
    const [firing, opener] = await Promise.all([
      list({ firing: true, limit: 200 }),
      scene.openedBy ? alert(scene.openedBy) : null,
    ])
    const others = firing.filter((one) => concerns(one, scene) && !isSame(one, opener))
    return ranked(others.map((one) => alertSuspect(one, scene)))
  },
})

/** Also when it was over and fires again, which is another row. */
const isSame = (alert: AlertRecord, other: AlertRecord | null): boolean =>
  alert.source === other?.source && alert.fingerprint === other.fingerprint

export const alertClues = (
  reads: ShippedReads & Pick<IncidentReads, 'changes'> & Pick<AlertDesk, 'list' | 'alert'>,
): Clue[] => [deployClue(reads), changeClue(reads), alertClue(reads)]

const stretch = ({ since, now }: Scene): [Date, Date] => [new Date(since.getTime() - lookBack), now]

/** Another environment's alerts say nothing about this one. */
const concerns = (alert: AlertRecord, scene: Scene): boolean =>
  scene.environment === null || alert.environment === null || alert.environment === scene.environment
