import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { order, person } from '../../store/orders.js'
import { type OwnPlace, ownPlace } from '../../support/restore-self/own-place.js'

let place: OwnPlace
afterEach(() => place?.close())

/** A disk of its own with little room, where the machine lets us mount one. */
function smallDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const keptBeside = () => readdirSync(dirname(place.data)).filter((name) => name.startsWith('data.before-'))

test('a database that is gone comes back from the storage alone, with its trail whole and a row that says so', async () => {
  place = await ownPlace()
  const lost = await place.start()
  const { run } = await lost.store.desk.submit(order({ requestedBy: person('U0RITA') }))
  const backup = await place.take(lost.url)
  await lost.stop()
  // All of it: also its password and its port.
  rmSync(dirname(place.data), { recursive: true })

  const listed = await place.terminal(['restore-self', '--list'])
  expect(listed).toMatchObject({ code: 0, out: expect.stringMatching(/^1 backup of Shipmate in the folder /) })
  expect(listed.out).toContain(backup.label)
  const rehearsed = await place.terminal(['restore-self', '--dry-run'])
  expect(rehearsed).toMatchObject({ code: 0, out: expect.stringMatching(/Nothing was changed: this was a dry run/) })
  expect(existsSync(place.data)).toBe(false)
  expect(await place.terminal(['restore-self'])).toMatchObject({ code: 3, err: expect.stringMatching(/add --yes/) })
  expect(existsSync(place.data)).toBe(false)

  const { code, out } = await place.terminal(['restore-self', '--yes'])
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/The audit trail is whole: 1 rows? /) })
  expect(out).toMatch(
    new RegExp(`Restored from ${backup.label}\\. It reaches to .*: what Shipmate did in the .* since is lost`),
  )
  expect(out).toMatch(new RegExp(`#${run.id} deploy shop → env-.*, queued`))
  expect(place.left()).toEqual([])

  const back = await place.start()
  expect(await back.store.audit.verify()).toMatchObject({ broken: [] })
  const [row] = await back.store.audit.of(0)
  expect(row).toMatchObject({ act: 'brought Shipmate back', subject: { backup: backup.label } })
  expect(await back.store.desk.view(run.id)).toMatchObject({ run: { state: 'queued', restored: {} } })
})

test('what is there now is kept beside it, whole, and a moment between two backups can be chosen', async () => {
  place = await ownPlace()
  const before = await place.start()
  await place.take(before.url)
  const first = await before.store.desk.submit(order())
  const [{ at } = { at: new Date() }] = await place.ask<{ at: Date }>(before.url, 'select clock_timestamp() as at')
  await new Promise((passed) => setTimeout(passed, 1_100))
  const second = await before.store.desk.submit(order())
  await place.take(before.url)
  const alive = await place.terminal(['restore-self', '--yes'])
  expect(alive).toMatchObject({
    code: 3,
    err: expect.stringMatching(/A Shipmate works on this database\. Nothing was changed/),
  })
  await before.stop()

  const moment = new Date(at.getTime() + 200).toISOString()
  expect(await place.terminal(['restore-self', '--yes', '--to', moment])).toMatchObject({ code: 0 })
  const back = await place.start()
  expect(await back.store.desk.view(first.run.id)).not.toBeNull()
  expect(await back.store.desk.view(second.run.id)).toBeNull()
  // The lost one gave this number away, and more: the next one is none of those.
  const next = await back.store.desk.submit(order())
  expect(next.run.id).toBeGreaterThan(second.run.id + 900)
  await back.stop()

  const [kept = ''] = keptBeside()
  rmSync(place.data, { recursive: true })
  renameSync(join(dirname(place.data), kept), place.data)
  const old = await place.start()
  expect(await old.store.desk.view(second.run.id)).not.toBeNull()
})

test('words that make no sense, no backups, a wrong key and no policy each say what is wanted and what to do', async () => {
  place = await ownPlace()
  const words = async (args: string[], env = {}) => place.terminal(['restore-self', ...args], { env })
  expect(await words([])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/There is no backup of Shipmate in the folder .*stored/),
  })
  const { url, stop } = await place.start()
  await place.take(url)
  await stop()
  const wrong = await words(['--list'], { OWN_KEY: 'another passphrase altogether' })
  expect(wrong).toMatchObject({ code: 1, err: expect.stringMatching(/was encrypted with another key/) })
  expect(wrong.err).toMatch(/Give the secret that was set when the backup was taken/)
  expect(await words(['--from', 'x', '--to', '14:00'])).toMatchObject({ code: 2 })
  expect(await words(['--from', 'nothing'])).toMatchObject({
    code: 3,
    err: expect.stringMatching(/There is no backup nothing/),
  })
  expect(await words(['--to', 'yesterday'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/no moment to go back to/),
  })
  const file = join(place.dir, 'plain.yml')
  writeFileSync(file, 'targets: {}\nservices: {}\nenvironments: {}\n')
  expect(await words([], { SHIPMATE_CONFIG: file })).toMatchObject({
    code: 3,
    err: expect.stringMatching(/Nothing says where backups of Shipmate’s own database are/),
  })
})

test('a row of the trail that somebody changed is found with its place, is never put in place, and the older backup is offered', async () => {
  place = await ownPlace({ encrypted: false })
  const { url, store, stop } = await place.start()
  const { run } = await store.desk.submit(order())
  const whole = await place.take(url)
  await place.ask(url, `update shipmate.audit set entry = replace(entry, 'U1', 'U9') where run = $1`, [run.id])
  const changed = await place.take(url)
  await stop()
  const found = await place.terminal(['restore-self', '--yes', '--from', changed.label])
  expect(found).toMatchObject({
    code: 1,
    err: expect.stringMatching(new RegExp(`#${run.id}, row 1: it was changed after it was written`)),
  })
  expect(found.err).toContain(`npx shipmate restore-self --from ${whole.label}`)
  expect(keptBeside()).toEqual([])
  expect(place.left()).toEqual([])
  expect(await place.terminal(['restore-self', '--yes', '--from', whole.label])).toMatchObject({ code: 0 })
})

test('for a server of one’s own it makes a folder ready, and says what puts it in place; one that is not empty is left alone', async () => {
  place = await ownPlace()
  const { url, stop } = await place.start()
  await place.take(url)
  await stop()
  // Nothing listens there: that server is gone.
  const env = { DATABASE_URL: url }
  expect(await place.terminal(['restore-self', '--yes'], { env })).toMatchObject({
    code: 3,
    err: expect.stringMatching(/--into/),
  })
  const full = join(place.dir, 'full')
  mkdirSync(full)
  writeFileSync(join(full, 'letter'), 'mine')
  expect(await place.terminal(['restore-self', '--yes', '--into', full], { env })).toMatchObject({
    code: 3,
    err: expect.stringMatching(/is not empty, and nothing is written over[\s\S]*letter/),
  })
  const small = join(place.dir, 'small')
  mkdirSync(small)
  const mounted = smallDisk(small)
  if (mounted)
    expect(await place.terminal(['restore-self', '--yes', '--into', small], { env })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/There is no room to restore in .*small[\s\S]*Make room on that disk/),
    })
  if (mounted) execFileSync('umount', [small])
  const into = join(place.dir, 'restored')
  const { code, out } = await place.terminal(['restore-self', '--yes', '--into', into], { env })
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/pg_ctl -D .*restored\/data/) })
  expect(readdirSync(into)).toEqual(['data'])
})
