import type { BackupPolicy } from '../../releases/backups/backup-policy.js'
import type { HandScene, HandStep } from './hand.js'
import { command, word } from './shell.js'

/** Where things lie in the folder of a restore by hand. */
export const placeIn = ({ into }: Pick<HandScene, 'into'>) => ({
  data: `${into}/data`,
  tablespaces: `${into}/tablespaces`,
})

/** The user that PostgreSQL runs as. */
export const serverUser = ({ engine }: Pick<BackupPolicy, 'engine'>): string =>
  'user' in engine ? engine.user : 'postgres'

/** An empty folder of one's own: nothing is ever restored over what is there. */
export function roomStep({ policy, into }: HandScene): HandStep {
  const user = serverUser(policy)
  return {
    what: 'Make an empty folder with room for all of it. Never restore into the folder of a server that was.',
    as: 'root',
    lines: [command('install', '-d', '-o', user, '-m', '700', into, `${into}/data`)],
  }
}

/** A server on the restored files that nobody but whoever owns them can reach, with none of the original's settings. */
export function startStep(scene: HandScene): HandStep {
  const { into, port } = scene
  const { data } = placeIn(scene)
  const given = [
    `-p ${port}`,
    'listen_addresses=',
    `unix_socket_directories=${into}`,
    `hba_file=${into}/hba.conf`,
    'ssl=off',
    'archive_mode=off',
    'logging_collector=off',
    // Else recovery asks for as many connections as the original was set to.
    'hot_standby=off',
    `shared_preload_libraries=${scene.policy.scratch.preload.join(',')}`,
  ]
  const options = given.map((one) => (one.startsWith('-') ? one : `-c ${one}`)).join(' ')
  return {
    what: `Start a server on it, on port ${port}, and wait until it has recovered. Its log is ${into}/log.`,
    as: 'server',
    lines: [
      `echo 'local all all trust' > ${word(`${into}/hba.conf`)}`,
      `test -e ${word(`${data}/postgresql.conf`)} || touch ${word(`${data}/postgresql.conf`)}`,
      `${programIn(scene, 'pg_ctl')} -D ${word(data)} -l ${word(`${into}/log`)} -o ${word(options)} start`,
      `until pg_isready -q -h ${word(into)} -p ${port}; do ${programIn(scene, 'pg_ctl')} -D ${word(data)} status > /dev/null || break; sleep 1; done`,
    ],
  }
}

/** What tells whether it is really back, before anybody is let in. */
export function lookStep({ policy, into, port }: HandScene): HandStep {
  const psql = command('psql', '-h', into, '-p', String(port), '-U', policy.scratch.superuser, '-d', 'postgres')
  const { newest } = policy.drill
  return {
    what: newest
      ? `Look: it has ended recovery (f), and its databases are there. Then connect to yours and look at the newest ${newest.column} of ${newest.table}.`
      : 'Look: it has ended recovery (f), and its databases are there. Then connect to yours and look at the newest rows.',
    as: 'server',
    lines: [
      `${psql} -Atc 'select pg_is_in_recovery()'`,
      `${psql} -c 'select datname, pg_size_pretty(pg_database_size(oid)) from pg_database'`,
    ],
  }
}

/** The restored folder takes the place of the live one, as the file says how that server is stopped and started. */
export function liveSteps(scene: HandScene): HandStep[] {
  const swap = scene.policy.restore?.swap
  const { data } = placeIn(scene)
  if (swap?.driver !== 'folder') return [databaseStep(scene)]
  const [live, old] = [swap.data, `${swap.data}.before-by-hand`]
  const settings = ['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf']
  const mark = `test -e "$name" && ! test -e ${word(`${live}/pg_wal/archive_status`)}/"$(basename "$name").done"`
  return [
    {
      what: 'Stop the server by hand, and let no application in from here on.',
      as: 'server',
      lines: [`${programIn(scene, 'pg_ctl')} -D ${word(data)} -m fast -w stop`],
    },
    {
      what: `Put it live: the old data keeps the name ${old}, and the settings of the server stay as they are. Delete nothing.`,
      as: 'root',
      lines: [
        command(...swap.stop.run),
        command('mv', live, old),
        command('mv', data, live),
        `for name in ${settings.join(' ')}; do test ! -e ${word(old)}/"$name" || cp -p ${word(old)}/"$name" ${word(live)}/; done`,
        // The archive has to hear of the timeline that began, or the next restore takes the same number.
        `for name in ${word(live)}/pg_wal/*.history; do ${mark} && install -m 600 -o ${word(serverUser(scene.policy))} /dev/null ${word(`${live}/pg_wal/archive_status`)}/"$(basename "$name").ready"; done || true`,
        command(...swap.start.run),
      ],
    },
  ]
}

/** Where the file names no swap of folders: one database is carried over beside the live one, and names change. */
function databaseStep({ policy, into, port }: HandScene): HandStep {
  const from = command('pg_dump', '-h', into, '-p', String(port), '-U', policy.scratch.superuser, '-Fc', '-d')
  return {
    what: 'Put it live: carry the database over beside the live one, look at it, then change the names while no application is connected. DB is its name on the server.',
    as: 'server',
    lines: [
      `DB=${word(policy.database)}`,
      'OLD="$DB"_before NEW="$DB"_restored',
      'createdb "$NEW"',
      `${from} "$DB" | pg_restore --no-owner --exit-on-error -d "$NEW"`,
      'psql -d postgres -c "alter database \\"$DB\\" rename to \\"$OLD\\"" -c "alter database \\"$NEW\\" rename to \\"$DB\\""',
    ],
  }
}

/** In the folder that the file names, else where Debian puts those of the version that wrote the files. */
export function programIn(scene: HandScene, program: string): string {
  const { engine } = scene.policy
  const bin = 'bin' in engine ? engine.bin : null
  if (bin !== null) return word(`${bin}/${program}`)
  return `/usr/lib/postgresql/"$(cat ${word(`${placeIn(scene).data}/PG_VERSION`)})"/bin/${program}`
}
