import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take longest, the longest first, as parts of their paths. */
const slow = [
  'stories/in-the-browser',
  'stories/main-job',
  'stories/answers',
  'faults/step-edges',
  'stories/slack-away',
  'stories/takeover',
  'stories/by-hand',
  'guides/rehearsals',
  'faults/chaos',
  'jobs/desk.test',
  'faults/fairness',
  'faults/cards-right',
  'faults/postgres-gone',
  'faults/redis-gone',
  'faults/hung-front',
  'faults/acked',
  'integrations/hosts/broken-releases',
  'integrations/hosts/by-hand',
  'jobs/backups/killed',
  'stories/broken-releases',
  'stories/killed',
  'stories/bad-input',
  'stories/bad-start',
  'stories/database-gone',
  'stories/locks',
  'stories/drain',
  'stories/apart',
  'store/embedded',
  'playground/page/messages',
  'playground/page/modals',
  'playground/page/people',
  'faults/hung-worker',
  'faults/approvals',
  'faults/duplicates',
  'jobs/backups/backups',
  'jobs/alerts/judging',
  'jobs/backups/keeping',
  'playground/start',
]

/** Starts them first, so that in the end no worker is left alone with one of them. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = slow.findIndex((name) => moduleId.includes(`/test/${name}`))
      return place < 0 ? slow.length : place
    }
    return [...(await super.sort(files))].sort((one, other) => placeOf(one) - placeOf(other))
  }
}
