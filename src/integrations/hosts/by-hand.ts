import type { HostsTarget } from '../../releases/catalogue.js'
import type { InstanceState, Place, TargetState } from '../../releases/target.js'
import type { HandLine } from '../../runs/plan.js'
import { scopeOf } from './clients.js'

/**
 * What a person pastes into a terminal to bring back what serves in that state, with nothing of Shipmate running: the
 * calls of the agents and the proxy, with curl. Pure; [] when nothing serves. The token is named, never shown.
 */
export function handLines(settings: HostsTarget, place: Place, state: TargetState): HandLine[] {
  const back = state.instances.filter(({ weight }) => weight > 0)
  // What the agents would refuse as a name is no word for a shell either.
  if (back.length === 0 || !back.every(({ id, version }) => isName(id) && isName(version))) return []
  const scene: Scene = { settings, place, back, admin: quoted(settings.proxy.admin), scope: scopeOf(place) }
  return [callLine(scene), orderLine(scene), startLine(scene), waitLine(scene), moveLine(scene), lookLine(scene)]
}

/** How the proxy knows an order that a person gave. */
export const byHandKey = 'by-hand'

type Scene = { settings: HostsTarget; place: Place; back: InstanceState[]; admin: string; scope: string }

const isName = (text: string) => /^[A-Za-z0-9][A-Za-z0-9._+-]{0,159}$/.test(text)

/** One word for sh, bash and zsh, whatever is in it. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

const hostUrl = ({ settings }: Scene, name: string) =>
  quoted(settings.hosts.find((host) => host.name === name)?.url ?? '')

// Read from standard input, so that the token is in no list of processes.
const callLine = ({ settings, admin }: Scene): HandLine => ({
  does: 'Say how to call the agents and the proxy. All other lines need this terminal.',
  run: [
    `call() { printf 'header = "authorization: Bearer %s"\\n' "${tokenOf(settings)}" | curl -K - -sS --fail-with-body --max-time 30 -H 'content-type: application/json' "$@"; }`,
    `ready() { for i in $(seq 60); do u=$(call "$1/instances" | sed -n 's/.*"id":"'"$2"'"[^}]*"url":"\\([^"]*\\)"[^}]*"ready":true.*/\\1/p'); [ -n "$u" ] && break; sleep 1; done; echo "$u"; }`,
    `call ${admin}/`,
  ].join('\n'),
  see: 'the proxy answers with its name; "unauthorized" means that the token is wrong',
})

function tokenOf({ token }: HostsTarget): string {
  const place = token.slice(token.indexOf(':') + 1)
  return token.startsWith('env:') ? `\${${place}:?set it first}` : `$(cat ${quoted(place)})`
}

/** The highest one seen is taken again, not a higher one: Shipmate's own next orders must not look old. */
const orderLine = (scene: Scene): HandLine => ({
  does: 'Learn the number of the newest order: older ones are refused.',
  run: `gen=$( (${[
    `call ${scene.admin}/routes/${scene.scope}`,
    ...scene.settings.hosts.map(({ url }) => `call ${quoted(url)}/instances`),
  ].join(
    '; ',
  )}) | grep -oE '"(generation|${scene.scope})":[0-9]+' | grep -oE '[0-9]+$' | sort -n | tail -n 1); echo "$gen"`,
  see: 'a number',
})

const startLine = (scene: Scene): HandLine => ({
  does: `Start ${versionsOf(scene)} where it was; what still runs is left as it is.`,
  run: scene.back.map((instance) => startOf(scene, instance)).join('\n'),
  see: `"version":${JSON.stringify(scene.back[0]?.version)} for each; a host that does not answer may be left out`,
})

function startOf(scene: Scene, { id, host, version }: InstanceState): string {
  const { service, environment } = scene.place
  const rest = JSON.stringify({ service, environment, version }).slice(1)
  return `call -X PUT ${hostUrl(scene, host)}/instances/${id} -d '{"key":"${byHandKey}","generation":'"$gen"',${rest}'; echo`
}

const waitLine = (scene: Scene): HandLine => ({
  does: 'Wait until it is ready, at most a minute each.',
  run: scene.back
    .map(
      ({ id, host }, at) =>
        `url_${at + 1}=$(ready ${hostUrl(scene, host)} ${id}); echo "${host}: \${url_${at + 1}:-NOT READY}"`,
    )
    .join('\n'),
  see: 'an address for each; what is NOT READY gets no traffic',
})

const moveLine = (scene: Scene): HandLine => ({
  does: `Move all traffic to ${versionsOf(scene)}. What is under way is finished.`,
  run: [
    `up=''`,
    ...scene.back.map(({ id, weight, version }, at) => {
      const rest = JSON.stringify({ weight, version }).slice(1)
      return `[ -n "$url_${at + 1}" ] && up="$up"',{"id":"${id}","url":"'"$url_${at + 1}"'",${rest}'`
    }),
    `[ -n "$up" ] && call -X PUT ${scene.admin}/routes/${scene.scope} -d '{"key":"${byHandKey}","generation":'"$gen"',"upstreams":['"\${up#,}"']}'; echo`,
  ].join('\n'),
  see: `"upstreams" with ${versionsOf(scene)} alone`,
})

const lookLine = (scene: Scene): HandLine => ({
  does: 'Look who gets the traffic.',
  run: `call ${scene.admin}/routes/${scene.scope}; echo`,
  see: '"requests" grows when you look again, "failed" does not',
})

const versionsOf = ({ back }: Scene) => [...new Set(back.map(({ version }) => version))].join(' and ')
