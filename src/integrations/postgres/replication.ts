import { Readable } from 'node:stream'
import pg from 'pg'
import { ShipmateError } from '../../errors.js'
import { databaseError } from './problems.js'

/** A row of an answer; a walsender gives everything as text. */
export type ReplicationRow = { [column: string]: string | null }

/** What flows after a command: parts as the server cut them, with the rows that came before and after them. */
export type ReplicationFlow = {
  parts: Readable
  /** One list for each answer so far. */
  answers: ReplicationRow[][]
  /** To the server, while it sends: how far we are. */
  send(part: Buffer): void
  /** Asks the server to end; its parts end when it did. */
  finish(): void
}

/** A connection that speaks the replication protocol; needs a role with REPLICATION, and no file of the server's. */
export type ReplicationLink = {
  ask(command: string): Promise<ReplicationRow[]>
  /** BASE_BACKUP and START_REPLICATION: the server sends. */
  receive(command: string): ReplicationFlow
  /** UPLOAD_MANIFEST: the server takes. */
  hand(command: string, data: Buffer): Promise<void>
  end(): Promise<void>
}

export type ReplicationOptions = { url: string; connectWithinMs?: number; signal: AbortSignal }

/** Opens one; aborted, it ends whatever it does at that moment. `name` is what people call the server. */
export async function openReplication(name: string, options: ReplicationOptions): Promise<ReplicationLink> {
  const { url, connectWithinMs = 10_000, signal } = options
  const client = new pg.Client({
    connectionString: url,
    application_name: 'shipmate',
    connectionTimeoutMillis: connectWithinMs,
    keepAlive: true,
    // Not 'true': so the line of pg_hba.conf that lets us ask lets us replicate too.
    replication: 'database',
  } as pg.ClientConfig)
  client.on('error', () => {})
  const wire = (client as unknown as { connection: Wire }).connection
  const named = (error: unknown) =>
    signal.aborted ? new ShipmateError('stopped', 'backup-stopped', `${name} was left`) : databaseError(name, error)
  // Not end(): what the server still sends would be waited for.
  const stop = () => wire.stream.destroy()
  signal.addEventListener('abort', stop, { once: true })
  const end = async () => {
    signal.removeEventListener('abort', stop)
    wire.stream.resume()
    await client.end().catch(() => {})
  }
  try {
    signal.throwIfAborted()
    await client.connect()
  } catch (error) {
    wire.stream.destroy()
    await end()
    throw named(error)
  }
  return {
    end,
    async ask(command) {
      try {
        return (await client.query<ReplicationRow>(command)).rows
      } catch (error) {
        throw named(error)
      }
    },
    receive: (command) => flowOf(client, wire, command, named),
    hand: (command, data) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) => (error ? reject(named(error)) : resolve())
        ask(client, new Exchange(command, { onCopyIn: (to) => pour(to, data), onEnd: end }))
      }),
  }
}

/** What we use of node-postgres below its queries; its types leave it out. */
type Wire = {
  stream: { pause(): void; resume(): void; destroy(): void }
  query(text: string): void
  sendCopyFromChunk(part: Buffer): void
  endCopyFrom(): void
  on(event: 'copyDone', listener: () => void): void
  off(event: 'copyDone', listener: () => void): void
}

function flowOf(client: pg.Client, wire: Wire, command: string, named: (error: unknown) => Error): ReplicationFlow {
  const answers: ReplicationRow[][] = []
  let [paused, finished, ended] = [false, false, false]
  const parts = new Readable({
    objectMode: true,
    highWaterMark: 64,
    read() {
      if (paused) wire.stream.resume()
      paused = false
    },
    // Whoever stops reading leaves the connection in the middle of a flow, where it is good for nothing any more.
    destroy(error, done) {
      if (!ended) wire.stream.destroy()
      done(error)
    },
  })
  // Whoever reads is told; when nobody does any more, nobody has to be.
  parts.on('error', () => {})
  const finish = () => {
    if (!finished && !ended) wire.endCopyFrom()
    finished = true
  }
  // START_REPLICATION goes both ways: when the server ends its side, it waits for us to end ours.
  const both = command.startsWith('START_REPLICATION')
  if (both) wire.on('copyDone', finish)
  const exchange = new Exchange(command, {
    answers,
    onPart(part) {
      // The parser uses its memory again for what comes next.
      paused = !parts.push(Buffer.from(part))
      if (paused) wire.stream.pause()
    },
    onEnd(error) {
      ended = true
      wire.off('copyDone', finish)
      if (error) parts.destroy(named(error))
      else parts.push(null)
    },
  })
  ask(client, exchange)
  return { parts, answers, finish, send: (part) => void (finished || ended || wire.sendCopyFromChunk(part)) }
}

const ask = (client: pg.Client, exchange: Exchange) => void client.query(exchange as unknown as pg.Submittable)

function pour(wire: Wire, data: Buffer): void {
  const most = 256 * 1024
  for (let at = 0; at < data.length; at += most) wire.sendCopyFromChunk(data.subarray(at, at + most))
  wire.endCopyFrom()
}

type Ears = {
  answers?: ReplicationRow[][]
  onPart?(part: Buffer): void
  onCopyIn?(wire: Wire): void
  onEnd(error?: Error): void
}

/** One command with everything that answers it; node-postgres calls these by name. */
class Exchange {
  private columns: string[] = []
  private error: Error | undefined
  private over = false

  constructor(
    private readonly command: string,
    private readonly ears: Ears,
  ) {}

  submit(wire: Wire): void {
    wire.query(this.command)
  }

  handleRowDescription({ fields }: { fields: { name: string }[] }): void {
    this.columns = fields.map(({ name }) => name)
    this.ears.answers?.push([])
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.ears.answers?.at(-1)?.push(Object.fromEntries(this.columns.map((name, at) => [name, fields[at] ?? null])))
  }

  handleCopyInResponse(wire: Wire): void {
    this.ears.onCopyIn?.(wire)
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.ears.onPart?.(chunk)
  }

  handleError(error: Error): void {
    this.error = error
    // node-postgres has let go of us by now: that it is ready again is not told to us.
    this.end()
  }

  handleReadyForQuery(): void {
    this.end()
  }

  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  private end(): void {
    if (this.over) return
    this.over = true
    this.ears.onEnd(this.error)
  }
}
