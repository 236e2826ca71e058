/**
 * The same expression, asked of exactly so many seconds before a moment: whatever stretch of time it looks at becomes that
 * one. One that looks at none, such as the name of a rule, is averaged over it.
 */
export function overTime(expression: string, seconds: number): string {
  const asked = expression.replace(quotedOrStretch, (_all, quoted?: string) => quoted ?? `[${seconds}s]`)
  return asked === expression ? `avg_over_time((${expression})[${seconds}s:])` : asked
}

/** What stands in quotes, or "[2m]" and "[1h30m]"; a subquery such as "[5m:1m]" says how it wants to be asked, and stays. */
const quotedOrStretch = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|\[(?:\d+(?:ms|[smhdwy]))+\]/g
