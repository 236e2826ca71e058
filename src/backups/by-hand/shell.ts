/** One word for a shell: what could mean something else to it stands in quotes. */
export const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** A command in the middle of a sentence. */
export const oneLine = (...words: string[]): string => words.map(word).join(' ')

const widest = 110

/** A command; its lines are broken between words from where they get long. */
export function command(...words: string[]): string {
  const lines: string[] = []
  for (const one of words.map(word)) {
    const last = lines.pop()
    if (last === undefined) lines.push(one)
    else if (last.length + one.length < widest) lines.push(`${last} ${one}`)
    else lines.push(last, one)
  }
  return lines.join(' \\\n  ')
}

/** Where a secret lives, never what it is. */
export function secretPlace(reference: string): string {
  const [kind, ...rest] = reference.split(':')
  const name = rest.join(':')
  return kind === 'env' ? `the variable ${name} in Shipmate’s environment` : `the file ${name}`
}

/** Lines that put a secret into a variable without showing it, or name the file that holds it. */
export function secretInto(variable: string, reference: string): string {
  const file = reference.startsWith('file:') ? reference.slice('file:'.length) : null
  if (file !== null) return `export ${variable}="$(cat ${word(file)})"`
  return `read -rsp ${word(`${secretPlace(reference)}: `)} ${variable} && export ${variable}`
}
