import type { Gate } from '../commands/reply.js'
import type { AuditVerdict } from './conversation.js'
import { giveFindings } from './examining.js'
import type { ExitCode } from './exit-codes.js'
import { startConversation, type Wishes } from './speaking.js'
import type { Terminal } from './terminal.js'

/** Has the audit trail's hashes followed, of one run or of all. */
export async function verifyAudit(terminal: Terminal, run: number | undefined, wishes: Wishes): Promise<ExitCode> {
  const verdict = await (await startConversation(terminal)).audit(run)
  return giveFindings(terminal, gatesOf(verdict), wishes.json ?? false)
}

function gatesOf({ rows, broken }: AuditVerdict): Gate[] {
  const title = 'Audit trail'
  if (broken.length === 0) {
    return [{ title, outcome: 'pass', evidence: { summary: `${rows} rows are as they were written` } }]
  }
  return broken.map(({ run, position, what }) => ({
    title,
    outcome: 'fail',
    evidence: {
      summary: `#${run}, row ${position}: ${what}`,
      next: 'Somebody with more rights than Shipmate wrote here: compare with a backup of the database.',
    },
  }))
}
