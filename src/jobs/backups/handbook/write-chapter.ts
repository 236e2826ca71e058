import { byHand } from '../../../backups/by-hand/by-hand.js'
import { type Hand, type HandStep, usualPlace } from '../../../backups/by-hand/hand.js'
import { serverUser } from '../../../backups/by-hand/own-server.js'
import { adviceFor, costWords, highIn, newestCost, unseenWords } from '../../../backups/cost/judging.js'
import { recoveryTime } from '../../../backups/known.js'
import { expectedOf, expectedWords, newestProven } from '../../../backups/proof.js'
import { keepsWords } from '../../../backups/retention.js'
import { shownBytes } from '../../../backups/sizes.js'
import { windowWords } from '../../../backups/window.js'
import { inline, listed, table } from '../../../incidents/review/markdown.js'
import { type BackupPolicy, isSet, scheduledWorks } from '../../../releases/backups/backup-policy.js'
import { nextMoment } from '../../../releases/backups/cron.js'
import { ownDatabase } from '../../../releases/backups/own-database.js'
import { pauseWords, swapWords } from '../../../releases/backups/restore-policy.js'
import { shownDuration } from '../../../releases/durations.js'
import { shownGrant } from '../../../releases/permission.js'
import { type Chapter, soundOf } from './chapter.js'
import { agoWords, approvalWords, limitsWords, momentWords, placeWords, windowOf } from './words.js'

/** One database or set: what is meant to be, what is, what was measured, and how it comes back. */
export function writeChapter(chapter: Chapter, zone: string, now: Date): string {
  const { policy, home, status } = chapter
  const what = isSet(policy)
    ? 'A set of files'
    : policy.database === ownDatabase
      ? 'Shipmate’s own database'
      : 'The database'
  return [
    `## ${policy.database}`,
    `${what} of ${home.service} in ${home.environment}, backed up with ${inline(status.engine)}.`,
    `### What is meant to be`,
    listed(policyLines(policy, zone, now), ''),
    `### What is there`,
    listed(thereLines(chapter, zone, now), ''),
    `### What drills measured`,
    drilled(chapter, zone),
    `### Back with Shipmate`,
    withShipmate(chapter),
    `### Back by hand, without Shipmate`,
    withoutShipmate(chapter),
    `### Who`,
    listed(peopleLines(chapter), ''),
  ].join('\n\n')
}

function policyLines(policy: BackupPolicy, zone: string, now: Date): string[] {
  const works = scheduledWorks.flatMap((work) => {
    const text = policy.schedule[work]
    if (text === null) return []
    const next = nextMoment(text, zone, now)
    return [`${work}: \`${text}\` in ${zone}${next ? `, next ${momentWords(next, zone)}` : ''}`]
  })
  return [
    ...(works.length === 0 ? ['nothing is done by itself'] : works),
    `kept: ${keepsWords(policy.keep)}`,
    `stored ${inline(placeWords(policy.engine), 900)}`,
    ...limitsWords(policy),
  ]
}

function thereLines({ status }: Chapter, zone: string, now: Date): string[] {
  const { look, troubles, cannot } = status
  const held = windowOf(status)
  const sound = soundOf(status)
  const last = (kinds: string[]) =>
    sound.filter(({ kind }) => kinds.includes(kind)).sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime())[0]
  const latest = [last(['full']), last(['incremental', 'differential'])].flatMap((one) =>
    one
      ? [
          `latest ${one.kind}: ${inline(one.label)}, ${momentWords(one.endedAt, zone)} (${agoWords(one.endedAt, now)}), ${shownBytes(one.storedBytes)} of ${shownBytes(one.databaseBytes)}${one.verifiedAt ? ', read back whole' : ', **not read back yet**'}`,
        ]
      : [],
  )
  return [
    sound.length === 0
      ? '**No backup yet: nothing can be brought back.**'
      : windowWords(held, now, (at) => momentWords(at, zone)),
    ...latest,
    ...costLine(status),
    provenLine(status, zone, now),
    look
      ? `${shownBytes(look.storedBytes)} stored, ${freeWords(look.freeBytes)}; looked at ${agoWords(look.at, now)}`
      : '**nobody has looked at its storage yet**',
    ...troubles.map(({ title, next }) => `**${inline(title)}** ${inline(next)}`),
    ...cannot.map((one) => inline(one)),
  ]
}

/** What taking the newest one cost whoever uses it. */
function costLine({ backups, engine }: Chapter['status']): string[] {
  const newest = newestCost(backups)
  if (!newest) return []
  const { cost, took } = newest
  const [advice, unseen] = [adviceFor(cost, took, engine), unseenWords(cost)]
  const words = advice ? `${highIn(cost, took).join(', ')}. ${advice}` : costWords(cost, took)
  return [`taking it: ${inline([words, ...unseen].join('; '))}`]
}

const freeWords = (bytes: number | null) =>
  bytes === null ? 'how much is free cannot be told' : `${shownBytes(bytes)} free`

function provenLine({ backups }: Chapter['status'], zone: string, now: Date): string {
  const proven = newestProven(backups)
  if (!proven?.provenAt) return '**Not proven: no drill has restored any of them.**'
  const by = proven.provenBy === null ? '' : ` (#${proven.provenBy})`
  return `proven: ${inline(proven.label)} of ${agoWords(proven.endedAt, now)}, by the drill of ${momentWords(proven.provenAt, zone)}${by}`
}

const shownDrills = 5

/** RPO: from the latest moment that could be restored to the drill. RTO: until connections were accepted. */
function drilled({ status }: Chapter, zone: string): string {
  const { drills, backups } = status
  if (drills.length === 0) return '**Never drilled.** What a restore loses and how long it takes is not known.'
  const newest = [...drills].sort((a, b) => b.at.getTime() - a.at.getTime())
  const rows = newest
    .slice(0, shownDrills)
    .map((one) => [
      `#${one.run}`,
      momentWords(one.at, zone),
      one.passed ? 'passed' : `**failed**: ${inline(one.verdict, 120)}`,
      shownDuration(one.lossMs),
      shownDuration(recoveryTime(one)),
      shownBytes(one.bytes),
    ])
  const bytes = soundOf(status)[0]?.databaseBytes ?? backups[0]?.databaseBytes ?? 0
  return `${table(['drill', 'when', 'how', 'RPO', 'RTO', 'restored'], rows)}\n\nBy these, ${expectedWords(expectedOf(drills, bytes))}.`
}

function withShipmate({ policy, people }: Chapter): string {
  const { database, restore } = policy
  if (database === ownDatabase)
    return 'Only while it runs: `/backup shipmate full`, `/restore drill shipmate`. When it is gone, as below.'
  const look = [`/backup list ${database}`, ...(canDrill(policy) ? [`/restore drill ${database}`] : [])]
  if (!people.acts) return 'Shipmate only observes there, and carries nothing out.'
  if (isSet(policy)) return `${code(look)}\n\nFiles go back by hand, as below; a drill shows that they can.`
  if (!restore)
    return `${code(look)}\n\nThe operator’s file has no \`restore\` for it: data comes back into scratch servers, and goes live by hand.`
  return `${code([`/restore ${database} before 482`, `/restore ${database} 14:02:11`, `/restore ${database} latest`, `/restore tables ${database} orders before 482`, ...look])}\n\nThe number is that of a deploy, the time is of the file’s zone. ${sentence(swapWords(restore, database))}; ${pauseWords(restore)}. The old data is kept.`
}

const canDrill = ({ engine }: BackupPolicy) => engine.driver !== 'dump' && engine.driver !== 'supabase'
const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const code = (lines: string[]) => `\`\`\`\n${lines.join('\n')}\n\`\`\``

function withoutShipmate({ policy, status }: Chapter): string {
  const hand = byHand({
    policy,
    backups: soundOf(status),
    spans: status.look?.spans ?? [],
    ...usualPlace(policy.database),
  })
  if (!hand) return '**There is nothing to bring back yet.** This part is written when there is a backup.'
  const steps = hand.steps.map((step, at) => stepWords(step, at + 1, policy))
  return [listed(hand.before, ''), ...steps, listed(hand.after, '')].filter((part) => part !== '').join('\n\n')
}

const stepWords = ({ what, as, lines }: HandStep, at: number, policy: BackupPolicy) =>
  `**${at}.** ${what} *As ${handWords(as, policy)}:*\n\n\`\`\`sh\n${lines.join('\n')}\n\`\`\``

function handWords(as: Hand, policy: BackupPolicy): string {
  if (as === 'server') return `the user that PostgreSQL runs as (\`su - ${serverUser(policy)} -s /bin/bash\`)`
  return {
    root: 'root',
    shipmate: 'the user that Shipmate runs as, in its folder and with its environment',
    anybody: 'anybody',
  }[as]
}

function peopleLines({ policy, home, people }: Chapter): string[] {
  const { mayRestore, approveRestore, onCall } = people
  const asked =
    isSet(policy) || policy.database === ownDatabase
      ? []
      : [
          `may ask for a restore in ${home.environment}: ${shownGrant(mayRestore)}`,
          `approve it: ${approvalWords(approveRestore)}; by hand no program asks them, so write down who agreed`,
        ]
  return [...asked, callLine(home.service, onCall)]
}

function callLine(service: string, onCall: Chapter['people']['onCall']): string {
  if (!onCall || onCall.people.length === 0)
    return `**whom to call for ${service}: the operator’s file names nobody on call**`
  const group = onCall.group === null ? '' : `, then @${onCall.group}`
  return `call for ${service}: ${onCall.people.map((name) => inline(name, 60)).join(', then ')}${group} (${inline(onCall.source, 60)}; who is on duty later: /ops oncall)`
}
