// Compiles every TypeScript source to dist/, keeping paths, copies what is read at run time (SQL, guides), and the playground's page to dist/playground/page.
// `--if-stale` returns at once when nothing changed since the last build.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stamp = join(root, 'dist', '.built')
const roots = ['src', 'guides', 'playground', 'examples', 'test/bench', 'test/support'].filter((dir) =>
  existsSync(join(root, dir)),
)
const page = join(root, 'playground', 'page')

const files = roots.flatMap((dir) => listed(join(root, dir)))
const newest = (paths) => Math.max(0, ...paths.map((path) => statSync(path).mtimeMs))
const ownFiles = ['package-lock.json', 'scripts/build.js'].map((name) => join(root, name)).filter(existsSync)

if (
  process.argv.includes('--if-stale') &&
  existsSync(stamp) &&
  statSync(stamp).mtimeMs >= newest([...files, ...ownFiles])
) {
  process.exit(0)
}
await build()

async function build() {
  const started = Date.now()
  const { build: bundle } = await import('esbuild')
  const sources = files.filter((file) => /\.ts$/.test(file) && !file.endsWith('.d.ts') && !file.startsWith(page))
  await bundle({
    entryPoints: sources,
    outdir: join(root, 'dist'),
    outbase: root,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: true,
    logLevel: 'warning',
  })
  for (const file of files.filter((name) => !/\.(ts|tsx)$/.test(name) && !name.startsWith(page))) {
    const to = join(root, 'dist', file.slice(root.length + 1))
    mkdirSync(dirname(to), { recursive: true })
    cpSync(file, to)
  }
  clearLeftOver()
  await buildPage().catch((error) => {
    if (process.env.CI) throw error
    console.error(`the page was not built: ${error.message}`)
  })
  writeFileSync(stamp, new Date(started).toISOString())
  console.error(`built in ${Date.now() - started} ms`)
}

/** What has no source any more: a migration that was renamed would be applied under both names. */
function clearLeftOver() {
  for (const dir of roots.map((name) => join(root, 'dist', name)).filter(existsSync)) {
    for (const file of listed(dir).filter((name) => !name.startsWith(join(root, 'dist', 'playground', 'page')))) {
      const source = join(root, file.slice(join(root, 'dist').length + 1)).replace(/\.map$/, '')
      if (!existsSync(source) && !existsSync(source.replace(/\.js$/, '.ts'))) rmSync(file)
    }
  }
}

async function buildPage() {
  const pageFiles = existsSync(page) ? listed(page) : []
  const output = join(root, 'dist', 'playground', 'page')
  if (!existsSync(join(page, 'vite.config.ts'))) return
  const index = join(output, 'index.html')
  if (existsSync(index) && statSync(index).mtimeMs >= newest([...pageFiles, ...ownFiles])) return
  rmSync(output, { recursive: true, force: true })
  const vite = await import('vite')
  await vite.build({
    configFile: join(page, 'vite.config.ts'),
    root: page,
    logLevel: 'warn',
    build: { outDir: output, emptyOutDir: true },
  })
}

function listed(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return []
    const path = join(dir, entry.name)
    return entry.isDirectory() ? listed(path) : [path]
  })
}
