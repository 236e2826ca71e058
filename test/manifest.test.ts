import ts from 'typescript'
import { expect, test } from 'vitest'
import { readManifest } from '../playground/workspace/manifest.js'
import { methods } from '../playground/workspace/methods.js'
import { commands } from '../src/commands/commands.js'
import { type SourceFile, sourceFiles, walk } from './support/source-files.js'

const manifest = readManifest('manifest.yml')
const code = sourceFiles('src/slack')
/** Without these Slack does not send what people pin and mark. */
const heardBy = ['app_mentions:read', 'pins:read', 'reactions:read']
const sorted = (names: Iterable<string>) => [...new Set(names)].sort()

test('Slack is told of every command there is, and of no other', () => {
  const declared = manifest.features?.slash_commands?.map(({ command }) => command) ?? []
  expect(declared).toEqual(commands.map(({ name }) => `/${name}`))
})

test('Slack sends the events that are listened to, and no other', () => {
  expect(sorted(manifest.settings?.event_subscriptions?.bot_events ?? [])).toEqual(registered('event'))
})

test('Slack offers the shortcuts that are listened to, and no other', () => {
  expect(sorted(manifest.features?.shortcuts?.map((one) => one.callback_id) ?? [])).toEqual(registered('shortcut'))
})

/** Called where an operator allows it, and done without everywhere else. */
const goWithout = ['conversations.history', 'conversations.replies']

test('each scope is used by a call, an event or a command, and each call has its scope', () => {
  const scopes = manifest.oauth_config?.scopes.bot ?? []
  const called = sorted(code.flatMap(methodsIn))
  expect(called.length).toBeGreaterThan(5)
  expect(called).toEqual(expect.arrayContaining(goWithout))
  const always = called.filter((name) => !goWithout.includes(name))
  const needed = always.map((name) => methods[name]?.scopes ?? []).filter((any) => any.length > 0)
  expect(needed.filter((any) => !any.some((scope) => scopes.includes(scope)))).toEqual([])
  const used = new Set([...needed.flat(), 'commands', ...heardBy])
  expect(scopes.filter((scope) => !used.has(scope))).toEqual([])
})

/** First arguments of `app.event('…')` and their like. */
function registered(what: 'event' | 'shortcut'): string[] {
  const found = code.flatMap((file) => {
    const names: string[] = []
    walk(file, (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
      const [first] = node.arguments
      if (node.expression.name.text === what && first) names.push(...nameIn(first))
    })
    return names
  })
  return sorted(found)
}

/** `'app_mention'`, or the callback_id of `{ type: 'shortcut', callback_id: 'deploy' }`. */
function nameIn(first: ts.Expression): string[] {
  if (ts.isStringLiteralLike(first)) return [first.text]
  if (!ts.isObjectLiteralExpression(first)) return []
  return first.properties.flatMap((part) =>
    ts.isPropertyAssignment(part) && part.name.getText() === 'callback_id' ? nameIn(part.initializer) : [],
  )
}

/** Web API methods by their names in strings, such as 'chat.postMessage'. */
function methodsIn(file: SourceFile): string[] {
  const names: string[] = []
  walk(file, (node) => {
    if (ts.isStringLiteralLike(node) && node.text in methods) names.push(node.text)
  })
  return names
}
