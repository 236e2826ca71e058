import { execFileSync } from 'node:child_process'

/** Tests that start real processes run the compiled program, so it is built once before the first test. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.js', '--if-stale'], { stdio: 'inherit' })
}
