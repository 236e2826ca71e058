import { createHash } from 'node:crypto'
import { wallClock } from '../../clock.js'
import { type ComponentState, type StatusPage, shownStates, type Told } from '../../incidents/public/status.js'
import { escaped } from './escaped.js'
import { feedOf } from './feed.js'
import { style } from './style.js'

/** One file of the page: under its name for a static host, at its path when Shipmate serves it. */
export type PublicFile = { name: string; path: string; type: string; body: string; etag: string }

/** All that the public reads, drawn from one state; the same state gives the same bytes. */
export function filesOf(page: StatusPage): PublicFile[] {
  const file = (name: string, path: string, type: string, body: string): PublicFile => ({
    ...{ name, path, type, body },
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
  })
  return [
    file('index.html', '/', 'text/html; charset=utf-8', htmlOf(page)),
    file('feed.atom', '/feed.atom', 'application/atom+xml; charset=utf-8', feedOf(page)),
    file('status.json', '/status.json', 'application/json; charset=utf-8', `${JSON.stringify(shortly(page))}\n`),
  ]
}

const shortly = ({ state, headline, components, open, changedAt }: StatusPage) => ({
  ...{ state, headline, changedAt },
  components: components.map(({ name, state: one }) => ({ name, state: one })),
  open: open.map(({ heading, since, updates }) => ({ heading, since, phase: updates[0]?.phase })),
})

function htmlOf(page: StatusPage): string {
  const { title, headline, state, components, open, past } = page
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="120">
<title>${escaped(headline)} ${escaped(title)}</title>
<link rel="alternate" type="application/atom+xml" title="${escaped(title)}" href="feed.atom">
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p class="headline ${classOf(state)}" role="status">${escaped(headline)}</p>
${open.map((told) => article(told, page.zone)).join('\n')}
<h2>Now, and the last 90 days</h2>
<ul class="components">
${components.map(component).join('\n')}
</ul>
<h2>What was</h2>
${past.length === 0 ? '<p>Nothing in the last 90 days.</p>' : past.map((told) => article(told, page.zone)).join('\n')}
<p class="foot"><a href="feed.atom">Subscribe (Atom)</a> · Times are those of ${escaped(page.zone)}.</p>
</main>
</body>
</html>
`
}

function component({ name, state, days, troubled }: StatusPage['components'][number]): string {
  const verdict = troubled === 0 ? 'no trouble in 90 days' : `trouble on ${troubled} of the last 90 days`
  const bars = days
    .map((day, at) => `<rect class="${classOf(day.state)}" x="${at * 4}" width="3" height="24">${tip(day)}</rect>`)
    .join('')
  return `<li><div><strong>${escaped(name)}</strong> <span class="${classOf(state)}">${shownStates[state]}</span></div>
<svg viewBox="0 0 360 24" role="img" aria-label="${escaped(name)}: ${verdict}" preserveAspectRatio="none">${bars}</svg></li>`
}

const tip = ({ day, state }: { day: string; state: ComponentState }) =>
  state === 'works' ? '' : `<title>${day}: ${shownStates[state]}</title>`

function article({ id, heading, since, until, updates }: Told, zone: string): string {
  const moment = (at: Date) => `<time datetime="${at.toISOString()}">${wallClock(at, zone).slice(0, 16)}</time>`
  const lines = updates.map(
    ({ phase, text, publishedAt }) =>
      `<li><strong>${phase}</strong> ${moment(publishedAt)}<p>${escaped(text).replaceAll('\n', '<br>')}</p></li>`,
  )
  return `<article id="incident-${id}">
<h3>${escaped(heading)}</h3>
<p>${moment(since)} ${until ? `to ${moment(until)}` : 'until now'}</p>
<ol>${lines.join('\n')}</ol>
</article>`
}

const classOf = (state: ComponentState) => state.replace(' ', '-')
