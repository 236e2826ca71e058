import type { HandLine } from '../../runs/plan.js'
import type { RunView } from '../../runs/run.js'
import { type Message, message, section } from '../blocks.js'
import { escaped, quote } from '../text.js'
import { subjectOf } from './subject.js'

/** How people go back on a terminal when nothing of Shipmate runs: each block of code is pasted as it stands. */
export function byHandMessage({ run }: RunView, lines: HandLine[]): Message {
  const { service, environment, from } = subjectOf(run)
  const before = from ?? 'the release before'
  const head = `If Shipmate is gone: back to ${before} by hand`
  return message(`${head} (${service} in ${environment}, #${run.id})`, [
    section(
      `*${head}*`,
      `For ${service} in ${environment}, during #${run.id} and after it. Paste the blocks in order into one terminal (bash or zsh, with curl) that reaches the hosts.`,
    ),
    ...lines.flatMap((line, at) => lineBlocks(line, at + 1)),
    section(
      `When Shipmate is back it finds the traffic moved: #${run.id}, if it has not ended, takes back what it did. Its card says so.`,
    ),
  ])
}

/** A block of code is never cut: what is too long for one section is spread over several, at the ends of lines. */
function lineBlocks({ does, run, see }: HandLine, number: number) {
  const parts = spread(escaped(run).split('\n'))
  return parts.map((code, at) =>
    section(
      at === 0 ? `*${number}.* ${quote(does, 200)}` : null,
      `\`\`\`\n${code}\n\`\`\``,
      at === parts.length - 1 ? `You should see: ${quote(see, 200)}` : null,
    ),
  )
}

const room = 2_300

function spread(lines: string[]): string[] {
  const parts: string[] = []
  for (const line of lines) {
    const last = parts.at(-1)
    if (last !== undefined && last.length + line.length < room) parts[parts.length - 1] = `${last}\n${line}`
    else parts.push(line)
  }
  return parts
}
