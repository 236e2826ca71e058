import type { Reply } from '../../../commands/reply.js'
import { onCallAt } from '../../../incidents/paging/rota.js'
import type { BackupPolicy } from '../../../releases/backups/backup-policy.js'
import { ownDatabase } from '../../../releases/backups/own-database.js'
import { type Catalogue, environmentOf } from '../../../releases/catalogue.js'
import type { DeskParts } from '../../desk/parts.js'
import { homeOf, notSetUp } from '../database.js'
import { statusOf } from '../status.js'
import type { Chapter, ChapterPeople } from './chapter.js'
import { writeHandbook } from './handbook.js'

/** The handbook of these, from the operator's file and our rows at this moment. `only`: the one that was named. */
export async function handbook(parts: DeskParts, policies: BackupPolicy[], only: string | null): Promise<Reply> {
  const { catalogue, clock } = parts
  const chapters = await Promise.all(policies.map((policy) => chapterOf(parts, policy)))
  const absent = only === null ? absentFrom(catalogue) : []
  const written = writeHandbook({ chapters, absent, zone: catalogue.zone, now: clock.now() })
  const name = only === null ? 'backup-handbook.md' : `backup-handbook-${only}.md`
  return { kind: 'handbook', of: only, name, ...written }
}

async function chapterOf(parts: DeskParts, policy: BackupPolicy): Promise<Chapter> {
  const home = homeOf(parts.catalogue, policy.database)
  const [status, people] = await Promise.all([statusOf(parts, policy), peopleOf(parts, policy, home)])
  return { policy, home, status, people }
}

async function peopleOf(parts: DeskParts, policy: BackupPolicy, home: Chapter['home']): Promise<ChapterPeople> {
  const { catalogue, clock } = parts
  const environment = environmentOf(catalogue, home.environment)
  if (!environment) throw notSetUp(policy.database, catalogue)
  const duty = catalogue.onCall && onCallAt(catalogue.onCall, catalogue.zone, home.service, clock.now())
  return {
    mayRestore: environment.may.restore,
    approveRestore: environment.approvals.restore,
    acts: environment.mode === 'act',
    onCall: duty && {
      people: await Promise.all(duty.people.map((id) => nameOf(parts, id))),
      source: catalogue.pagerduty ? `${duty.source}; PagerDuty calls them` : duty.source,
      group: duty.group,
    },
  }
}

/** A name that Slack does not tell now stays an id, which can be looked up. */
const nameOf = ({ directory }: DeskParts, id: string): Promise<string> =>
  directory.standing(id).then(
    ({ name }) => name,
    () => id,
  )

/** What the operator's file knows of and backs up with nothing. */
function absentFrom({ databases, caches, backups }: Catalogue): string[] {
  const left = Object.keys(databases).filter((name) => !Object.hasOwn(backups, name))
  const own = Object.hasOwn(backups, ownDatabase)
    ? []
    : [
        'Shipmate’s own database is not backed up: what it knows would be gone with it (docs/operations/restore-self.md).',
      ]
  return [
    ...left.map((name) => `The database ${name} is not backed up by Shipmate.`),
    ...own,
    ...Object.keys(caches).map((name) => `The cache ${name} is not backed up: what stands in it alone would be gone.`),
  ]
}
