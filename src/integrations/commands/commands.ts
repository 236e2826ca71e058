import { z } from 'zod'
import { failed } from '../../errors.js'
import type { OperatorCommand } from '../../releases/watch.js'
import { type Action, type Check, defineAction, type StepContext } from '../../runs/abilities.js'
import { type At, at } from '../watched/inputs.js'
import { cannotAct, type WatchedParts, type Watching, watchAt } from '../watched/parts.js'
import { secondsShown } from '../watched/words.js'
import { runProgram } from './program.js'

/** Commands with a meaning of their own, and the check that says whether they helped. */
const meanings = [
  { action: 'postgres.restart', command: 'restart-database', check: 'postgres.reachable' },
  { action: 'redis.restart', command: 'restart-cache', check: 'redis.reachable' },
  { action: 'tls.reload', command: 'reload-certificate', check: 'tls.certificate' },
]

/**
 * Programs that an operator allows, each with fixed arguments. They are blind: what a program did before it was cut off
 * cannot be seen, so it is never run again unasked.
 */
export const createCommands = (parts: WatchedParts, checks: Check[]): Watching => ({
  checks: [],
  actions: [...meanings.map((meaning) => meantAction(parts, meaning, checks)), commandAction(parts)],
})

const commandAction = (parts: WatchedParts): Action =>
  defineAction<At & { name: string }>({
    name: 'operator.command',
    input: z.object({ ...at, name: z.string() }),
    fence: 'blind',
    async run(given, { clock, signal }) {
      const began = clock.now().getTime()
      const said = await runProgram(given.name, commandOf(parts, given, given.name), signal)
      const took = secondsShown((clock.now().getTime() - began) / 1000)
      const last = said.split('\n').at(-1) ?? ''
      return {
        evidence: { summary: `${given.name} ended well after ${took}`, details: { output: said } },
        output: { last },
      }
    },
  })

function meantAction(
  parts: WatchedParts,
  { action, command, check }: (typeof meanings)[number],
  checks: Check[],
): Action {
  const proof = checks.find(({ name }) => name === check)
  return defineAction<At>({
    name: action,
    input: z.object(at),
    fence: 'blind',
    async run(given, context) {
      const allowed = commandOf(parts, given, command)
      const said = await runProgram(command, allowed, context.signal)
      const helped = proof ? await becameWell(proof, given, context) : 'nothing says whether it helped'
      return { evidence: { summary: `${command} ended well; ${helped}`, details: { output: said } } }
    },
  })
}

function commandOf(parts: WatchedParts, given: At, name: string): OperatorCommand {
  const commands = watchAt(parts, given)?.commands ?? {}
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (found === undefined) throw cannotAct(given, `commands.${name}`)
  return found
}

const wellWithinMs = 60_000
const lookEveryMs = 500

/** What was restarted needs a moment. */
async function becameWell(check: Check, given: At, context: StepContext): Promise<string> {
  const until = context.clock.now().getTime() + wellWithinMs
  for (;;) {
    const found = await check.run(check.input.parse(given), context)
    if (found.outcome === 'pass' || found.outcome === 'warn' || found.outcome === 'skip') return found.summary
    if (context.clock.now().getTime() >= until)
      throw failed('still-ill', `the command ended well, but ${found.summary}`, {
        wanted: `${check.name} to pass within ${secondsShown(wellWithinMs / 1000)}`,
        came: found.summary,
        next: found.next ?? 'Look at its log.',
      })
    context.progress({ done: 0, total: 0, text: found.summary })
    await context.clock.sleep(lookEveryMs, context.signal)
    context.signal.throwIfAborted()
  }
}
