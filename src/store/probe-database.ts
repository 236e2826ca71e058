import pg from 'pg'
import type { Gate } from '../commands/reply.js'

const tested = { from: 14, to: 18 }

/** Findings about the database at an address: does it answer, is its version known, may we create tables in it. */
export async function probeDatabase(url: string): Promise<Gate[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 })
  // A connection that breaks between two queries would otherwise end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<Looked>(look)
    const [found] = rows
    return found ? [versionOf(found), rightOf(found)] : []
  } catch (error) {
    return [unreachable(error)]
  } finally {
    await client.end().catch(() => {})
  }
}

type Looked = { number: number; version: string; role: string; may_create: boolean }

const look = `
  select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
    current_user as role, has_database_privilege(current_database(), 'CREATE') as may_create`

function versionOf({ number, version }: Looked): Gate {
  const major = Math.floor(number / 10_000)
  const outcome = major < tested.from ? 'fail' : major > tested.to ? 'warn' : 'pass'
  return {
    title: 'Database',
    outcome,
    evidence: {
      summary: `PostgreSQL ${version} answers`,
      limit: `${tested.from} to ${tested.to}`,
      ...(outcome !== 'pass' && { next: `Use a version from ${tested.from} to ${tested.to}: no other is tested.` }),
    },
  }
}

function rightOf({ role, may_create }: Looked): Gate {
  return {
    title: 'Database role',
    outcome: may_create ? 'pass' : 'fail',
    evidence: may_create
      ? { summary: `${role} may create schemas` }
      : {
          summary: `${role} may not create schemas`,
          next: `As the database's owner: grant create on database … to "${role}".`,
        },
  }
}

function unreachable(error: unknown): Gate {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // The driver's own text can quote the address, and the address a password.
  const text = reasons[code] ?? (code || 'no answer within 5 s')
  return {
    title: 'Database',
    outcome: 'fail',
    evidence: { summary: `DATABASE_URL does not open a database: ${text}`, next: 'Correct DATABASE_URL or start it.' },
  }
}

const reasons: { [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is unknown',
  '28P01': 'the password is wrong',
  '28000': 'the role may not log in',
  '3D000': 'there is no such database',
}
