import ts from 'typescript'
import { type SourceFile, walk } from './source-files.js'

const makers = new Set(['refused', 'failed', 'faulted', 'timedOut', 'refusal'])
const kebab = /^[a-z]+(-[a-z0-9]+)*$/

/** Every code of an error or a reason that is written in these files; a code made from parts ends in `*`. */
export function codesIn(files: SourceFile[]): string[] {
  const codes = files.flatMap((file) => {
    const found: string[] = []
    walk(file, (node) => found.push(...literals(codeOf(node)).filter((code) => kebab.test(code) || code.endsWith('*'))))
    return found
  })
  return [...new Set(codes)].sort()
}

/** The expression that holds the code, where this node makes an error, a reason or a refusal. */
function codeOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && makers.has(node.expression.text)) {
    return node.arguments[0]
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'ShipmateError') return node.arguments?.[1]
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'code') return node.initializer
  return undefined
}

function literals(expression: ts.Expression | undefined): string[] {
  if (!expression) return []
  if (ts.isStringLiteralLike(expression)) return [expression.text]
  if (ts.isConditionalExpression(expression)) {
    return [...literals(expression.whenTrue), ...literals(expression.whenFalse)]
  }
  if (ts.isTemplateExpression(expression)) return expression.head.text ? [`${expression.head.text}*`] : []
  return []
}

/** The codes that have a paragraph: headings of the third rank in docs/errors.md, with the text below each. */
export function paragraphsIn(markdown: string): Map<string, string> {
  const parts = markdown.split(/^### /m).slice(1)
  return new Map(
    parts.map((part) => {
      const [heading = '', ...rest] = part.split('\n')
      return [heading.replaceAll('`', '').trim(), rest.join('\n').split(/^## /m)[0]?.trim() ?? '']
    }),
  )
}
