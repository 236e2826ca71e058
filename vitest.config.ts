import { defineConfig } from 'vitest/config'
import { SlowFirst } from './test/support/slow-first.js'

const tests = ['test/**/*.test.{ts,tsx}']
/** Whole stories, faults and browsers, which take most of the time: `npm run test:stories`. A few stay in `npm test`. */
const stories = [
  'test/ci/*.test.ts',
  'test/stories/!(main-job).test.ts',
  // The pattern above leaves out whatever begins like that.
  'test/stories/main-job-on-redis.test.ts',
  'test/faults/!(approvals|duplicates).test.ts',
  'test/faults/*/*.test.ts',
  'test/guides/*rehearsals.test.ts',
  'test/playground/page/**/*.test.{ts,tsx}',
  'test/slack/incidents/{noise,storms,dying,reviews-dying}.test.ts',
  'test/integrations/hosts/{broken-releases,by-hand,switches}.test.ts',
  'test/jobs/backups/{killed,file-sets}.test.ts',
  'test/integrations/backups/{by-hand,gigabyte,native,pgbackrest,embedded/*,restic/*}.test.ts',
]

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'tests', include: tests, exclude: ['**/node_modules/**', ...stories] } },
      { extends: true, test: { name: 'stories', include: stories } },
    ],
    globalSetup: ['test/support/global-setup.ts'],
    // A busy machine is no failure; what hangs is found all the same.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // As long as waitFor waits.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // Loading the product anew for each file cost more than all small tests together; none may leave anything behind.
    isolate: false,
    sequence: { sequencer: SlowFirst },
    // Two cores: more files at once only makes real databases and processes miss each other's deadlines.
    maxWorkers: 2,
  },
})
