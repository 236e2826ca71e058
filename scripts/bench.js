// `npm run bench -- <name>` runs one benchmark, whose last line is a JSON object; without a name it lists them.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [name, ...rest] = process.argv.slice(2)
const names = benches()

if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`There is no benchmark named ${name}.`)
  console.error(`npm run bench -- <name>, with one of: ${names.join(', ') || 'none yet'}`)
  process.exit(name === undefined ? 0 : 2)
}
const program = join(root, 'dist', 'test', 'bench', `${name}.js`)
const { status } = spawnSync(process.execPath, [program, ...rest], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)

function benches() {
  const folder = join(root, 'test', 'bench')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
}
