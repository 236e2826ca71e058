import { seed } from './workspace/seed.js'

const { general, releases } = seed.channels

const words = `*Welcome to the playground.* The workspace is a stand-in for Slack; all else is real: a small shop on two hosts, visitors on it, and Shipmate, which deploys it.
1. In <#${releases}>, as Rita, type \`/deploy prod\`. Shipmate answers with a plan. Rita cannot approve what she asked for.
2. Switch to Marco Bianchi, a release manager, at the top right, and press *Approve*.
3. Watch the card, and the shop itself: its address is bookmarked in <#${releases}>.
Bring the old version back with \`/rollback prod\`. To see a bad release stopped: \`/deploy prod v2.0.0-rc.2\`.
To lose data and bring it back: \`/deploy prod v2.0.0-rc.3\` drops the orders. Then, as Ivy Chen, *Open incident…* on its card and *Recover data…* in its channel; Marco approves.
Something is wrong? \`/incident prod visitors get errors\` opens a channel that guides people back. All there is: \`/ops help\`.`

/** Tells newcomers in #general what to try, and puts the shop's address into #releases. Twice is once. */
export async function welcome(workspaceUrl: string, shopUrl: string): Promise<void> {
  await order(workspaceUrl, 'notices', { channel: general, text: words })
  await order(workspaceUrl, 'bookmarks', { channel: releases, title: 'The shop', link: shopUrl, emoji: ':anchor:' })
}

async function order(url: string, what: string, body: object): Promise<void> {
  const response = await fetch(`${url}/_control/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  if (!response.ok) throw new Error(`the workspace did not take ${what}: ${response.status} ${await response.text()}`)
}
