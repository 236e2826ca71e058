// `npm run soak -- <name>` runs the full-size version of a test; without a name it lists them.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [name, ...rest] = process.argv.slice(2)
const files = soaks()

if (name === undefined || !files.has(name)) {
  if (name !== undefined) console.error(`There is no soak named ${name}.`)
  console.error(`npm run soak -- <name>, with one of: ${[...files.keys()].join(', ') || 'none yet'}`)
  process.exit(name === undefined ? 0 : 2)
}
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', files.get(name), ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SHIPMATE_SOAK: name },
})
process.exit(status ?? 1)

/** Test files by the name they give to optIn() or atFullSize(). */
function soaks() {
  const tests = readdirSync(join(root, 'test'), { recursive: true }).filter(
    (path) => /\.test\.tsx?$/.test(path) && !path.startsWith('support'),
  )
  const named = tests.flatMap((path) => {
    const text = readFileSync(join(root, 'test', path), 'utf8')
    return [...text.matchAll(/\b(?:optIn|atFullSize)\(\s*'([^']+)'/g)].map(([, soak]) => [soak, join('test', path)])
  })
  return new Map(named)
}
