import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { artifactDigest } from './artifact.js'
import { type ReleasePlan, releasePlans } from './releases.js'

const service = 'storefront'
const source = compiledFolder()

/**
 * Writes `<outDir>/<version>/` for every release, the pool of all their assets `<outDir>/assets/`, and a link to the
 * installed packages. The same sources always give the same bytes and digests. What is there already is replaced.
 */
export async function buildReleases(outDir: string): Promise<void> {
  const out = resolve(outDir)
  mkdirSync(join(out, 'assets'), { recursive: true })
  linkPackages(out)
  for (const [index, plan] of releasePlans.entries()) {
    const building = join(out, `.${plan.version}.building`)
    rmSync(building, { recursive: true, force: true })
    writeRelease(building, plan, releasePlans.slice(0, index + 1))
    cpSync(join(building, 'assets'), join(out, 'assets'), { recursive: true })
    replaceFolder(building, join(out, plan.version))
  }
}

/** Instances run from these folders, so one that is already right is not touched. */
function replaceFolder(from: string, to: string): void {
  const same = existsSync(join(to, 'release.json')) && artifactDigest(to) === artifactDigest(from)
  if (same) cpSync(join(from, 'release.json'), join(to, 'release.json'))
  rmSync(same ? from : to, { recursive: true, force: true })
  if (!same) renameSync(from, to)
}

function writeRelease(folder: string, plan: ReleasePlan, upToIt: ReleasePlan[]): void {
  mkdirSync(join(folder, 'migrations'), { recursive: true })
  mkdirSync(join(folder, 'assets'))
  for (const name of ['server.js', 'migrate.js']) cpSync(join(source, name), join(folder, name))
  cpSync(join(source, 'shop'), join(folder, 'shop'), { recursive: true, filter: (name) => !name.endsWith('.map') })
  const migrations = upToIt.flatMap((release) => release.migrations.map(({ name }) => name))
  for (const name of migrations) cpSync(join(source, 'migrations', name), join(folder, 'migrations', name))
  const assets = upToIt.map((release) => writeAssets(join(folder, 'assets'), release)).at(-1)
  const { version, commit, look, behaviour, builtAt, changes } = plan
  writeJson(join(folder, 'package.json'), { name: service, version: version.slice(1), private: true, type: 'module' })
  writeJson(join(folder, 'shop.json'), { version, commit, look, schema: migrations.at(-1), assets, behaviour })
  const artifact = artifactDigest(folder)
  writeJson(join(folder, 'release.json'), {
    service,
    version,
    commit,
    artifact,
    builtAt,
    changes,
    migrations: plan.migrations,
  })
}

function writeAssets(folder: string, { palette }: ReleasePlan): { css: string; js: string } {
  const variables = Object.entries(palette).map(([name, value]) => `--${name}:${value}`)
  const css = `:root{${variables.join(';')}}\n${readFileSync(join(source, 'assets', 'shop.css'), 'utf8')}`
  const js = readFileSync(join(source, 'assets', 'shop.js'), 'utf8')
  return { css: writeHashed(folder, 'css', css), js: writeHashed(folder, 'js', js) }
}

function writeHashed(folder: string, kind: string, content: string): string {
  const name = `shop.${createHash('sha256').update(content).digest('hex').slice(0, 10)}.${kind}`
  writeFileSync(join(folder, name), content)
  return name
}

const writeJson = (path: string, value: unknown) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)

/** Releases find their packages in the folder above them, wherever the releases are built to. */
function linkPackages(out: string): void {
  const installed = createRequire(join(source, 'server.js')).resolve('fastify')
  const packages = installed.slice(0, installed.lastIndexOf(`${join('/', 'node_modules')}`) + 'node_modules'.length + 1)
  const link = join(out, 'node_modules')
  rmSync(link, { recursive: true, force: true })
  symlinkSync(packages, link, 'dir')
}

/** Where this program was compiled to, also when the sources themselves are running (in tests). */
function compiledFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const compiled = join(here, '..', '..', 'dist', 'examples', 'storefront')
  return existsSync(join(here, 'server.js')) ? here : compiled
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = process.argv[2]
  if (out === undefined) throw new Error('say where to: node build-releases.js <folder>')
  await buildReleases(out)
  console.log(
    readdirSync(out)
      .filter((name) => name.startsWith('v'))
      .join('\n'),
  )
}
