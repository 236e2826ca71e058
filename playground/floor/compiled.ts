import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project, from its sources and from what they are compiled to. */
export const projectFolder = (() => {
  const above = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')
  return existsSync(join(above, 'package-lock.json')) ? above : resolve(above, '..')
})()

/** Where a program is, once compiled: processes of their own run from there also when the tests run the sources. */
export const compiled = (path: string): string => join(projectFolder, 'dist', path)
