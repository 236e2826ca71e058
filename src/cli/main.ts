#!/usr/bin/env -S node --max-old-space-size=512 --max-semi-space-size=2
// What it holds is far less; told so, V8 collects before it asks the machine for more. As in `npm start`.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commands } from '../commands/commands.js'
import { createWorkbench } from '../terminal-app.js'
import { runCli } from './program.js'
import { processTerminal } from './terminal.js'

const root = packageRoot(dirname(fileURLToPath(import.meta.url)))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

process.exitCode = await runCli(process.argv.slice(2), {
  terminal: processTerminal(homedir()),
  commands,
  workbench: {
    ...createWorkbench(join(root, 'manifest.yml')),
    // Everything that carries runs is loaded only for this.
    takeover: async (token) => (await import('../takeover-app.js')).openTakeover(token, undefined),
  },
  version,
  // It reads its role from the same words, and runs until it is stopped.
  start: async () => void (await import('../main.js')),
})

// Compiled or not, the program stands at different depths below the package.
function packageRoot(from: string): string {
  return existsSync(join(from, 'manifest.yml')) ? from : packageRoot(dirname(from))
}
