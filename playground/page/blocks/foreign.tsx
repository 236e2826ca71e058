import { type Block, Message } from 'slack-blocks-to-jsx'
import 'slack-blocks-to-jsx/dist/style.css'
import { useSession } from '../control/session.js'

/** Blocks that nobody clicks and the page does not draw itself (charts, videos, remote files). */
export default function ForeignView({ block }: { block: object }) {
  const { channels, workspace } = useSession()
  const data = {
    users: workspace.people.map(({ id, name }) => ({ id, name })),
    channels: channels.map(({ id, name }) => ({ id, name })),
    user_groups: workspace.groups.map(({ id, handle }) => ({ id, name: handle })),
  }
  const theme = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  return <Message blocks={[block as Block]} logo="" name="" withoutWrapper theme={theme} data={data} />
}
