import { defineConfig } from 'vitest/config'
import { SlowFirst } from './test/support/slow-first.js'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // As long as waitFor waits: a busy machine is no failure.
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // Loading the product anew for each file cost more than all small tests together; none may leave anything behind.
    isolate: false,
    sequence: { sequencer: SlowFirst },
    // Two cores: more files at once only makes real databases and processes miss each other's deadlines.
    maxWorkers: 2,
  },
})
