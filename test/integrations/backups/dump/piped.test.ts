import { expect, test } from 'vitest'
import { type PipedProgram, saidBy } from '../../../../src/integrations/backups/dump/piped.js'

async function* much(): AsyncGenerator<Buffer> {
  for (let part = 0; part < 200; part += 1) yield Buffer.alloc(64 * 1024)
}

const shell = (script: string, input: AsyncIterable<Buffer>): PipedProgram => {
  return { program: '/bin/sh', words: ['-c', script], environment: {}, signal: AbortSignal.timeout(20_000), input }
}

test('a program that has read enough of its input is left to end by itself', async () => {
  // As pg_restore --list does: it reads the table of contents and closes.
  expect(await saidBy(shell('head -c 1 > /dev/null; exec 0<&-; sleep 0.5; echo whole', much()))).toBe('whole\n')
})

test('one that ends badly after that is told, and so is an input that breaks', async () => {
  await expect(
    saidBy(shell('head -c 1 > /dev/null; exec 0<&-; sleep 0.2; echo no >&2; exit 3', much())),
  ).rejects.toThrow('sh ended with 3: no')
  async function* breaking(): AsyncGenerator<Buffer> {
    yield Buffer.from('a')
    throw new Error('the storage is gone')
  }
  await expect(saidBy(shell('cat > /dev/null; sleep 5', breaking()))).rejects.toThrow('the storage is gone')
})
