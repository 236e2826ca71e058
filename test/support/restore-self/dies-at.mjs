// Loaded before a program: kills it right before or after the nth call of a function that changes files, as DIES_AT says,
// such as "before:renameSync:2". The functions are those of node:fs.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [when, name, nth] = (process.env.DIES_AT ?? '').split(':')
if (name) {
  const call = fs[name]
  let calls = 0
  const die = () => process.kill(process.pid, 'SIGKILL')
  fs[name] = (...given) => {
    const last = ++calls === Number(nth)
    if (last && when === 'before') die()
    const answer = call(...given)
    if (last && when === 'after') die()
    return answer
  }
  syncBuiltinESMExports()
}
