import type { Person } from '../../workspace/protocol.js'
import { go } from '../control/route.js'
import { useSession } from '../control/session.js'
import { useOpenIm } from '../control/use-open-im.js'
import type { Group } from '../elements/option-groups.js'
import { Picker } from '../elements/picker.js'
import { Dialog } from '../overlays/dialog.js'

/** Ctrl+K: type a channel, a person to write to, or a person to act as. */
export function QuickSwitcher({ people, close }: { people: Person[]; close: () => void }) {
  const { channels, me, route } = useSession()
  const openIm = useOpenIm()
  const option = (value: string, text: string) => ({ value, text: { type: 'plain_text' as const, text } })
  const groups: Group[] = [
    {
      label: 'Channels and conversations',
      options: channels
        .filter(({ archived }) => !archived)
        .map(({ id, kind, name }) => option(`to ${id}`, kind === 'channel' ? `# ${name}` : name)),
    },
    {
      label: 'Write to',
      options: people.filter(({ id }) => id !== me.id).map(({ id, real_name }) => option(`im ${id}`, real_name)),
    },
    {
      label: 'Act as',
      options: people
        .filter(({ id }) => id !== me.id)
        .map(({ id, real_name }) => option(`as ${id}`, `${real_name} (act as)`)),
    },
  ]
  const pick = (value: string) => {
    close()
    const [verb, id = ''] = value.split(' ')
    if (verb === 'as') return go({ ...route, user: id })
    if (verb === 'im') return openIm(id)
    go({ user: me.id, channel: id, home: false })
  }
  return (
    <Dialog label="Go to" close={close} className="dialog-switcher">
      <Picker
        label="Channels and people"
        groups={groups}
        chosen={new Set()}
        multiple={false}
        pick={({ value }) => void pick(value ?? '')}
      />
    </Dialog>
  )
}
