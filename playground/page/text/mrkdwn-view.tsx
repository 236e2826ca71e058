import { useMemo } from 'react'
import { useSession } from '../control/session.js'
import {
  BroadcastMention,
  ChannelMention,
  EmojiView,
  GroupMention,
  LinkView,
  MomentView,
  UserMention,
} from './mentions.js'
import { type Piece, parseMrkdwn, parsePlain } from './mrkdwn.js'

/** Text in Slack's mrkdwn, drawn. */
export function MrkdwnView({ text }: { text: string }) {
  const pieces = useMemo(() => parseMrkdwn(text), [text])
  return <Pieces pieces={pieces} />
}

/** Plain text: emoji and line breaks only. */
export function PlainView({ text }: { text: string }) {
  const pieces = useMemo(() => parsePlain(text), [text])
  return <Pieces pieces={pieces} />
}

/** A text object of Block Kit. */
export function TextView({ text }: { text: { type: string; text: string } }) {
  return text.type === 'mrkdwn' ? <MrkdwnView text={text.text} /> : <PlainView text={text.text} />
}

function Pieces({ pieces }: { pieces: Piece[] }) {
  // Pieces have no identity but their place: the text is parsed anew whenever it changes.
  // biome-ignore lint/suspicious/noArrayIndexKey: see above
  return pieces.map((piece, index) => <PieceView key={index} piece={piece} />)
}

function PieceView({ piece }: { piece: Piece }) {
  const { workspace } = useSession()
  switch (piece.kind) {
    case 'text':
      return piece.text
    case 'break':
      return <br />
    case 'bold':
      return (
        <b>
          <Pieces pieces={piece.pieces} />
        </b>
      )
    case 'italic':
      return (
        <i>
          <Pieces pieces={piece.pieces} />
        </i>
      )
    case 'strike':
      return (
        <s>
          <Pieces pieces={piece.pieces} />
        </s>
      )
    case 'quote':
      return (
        <blockquote className="quote">
          <Pieces pieces={piece.pieces} />
        </blockquote>
      )
    case 'code':
      return <code className="code">{piece.text}</code>
    case 'pre':
      return <pre className="pre">{piece.text}</pre>
    case 'link':
      return <LinkView url={piece.url} label={piece.label} />
    case 'user':
      return <UserMention id={piece.id} label={piece.label} />
    case 'channel':
      return <ChannelMention id={piece.id} label={piece.label} />
    case 'group':
      return (
        <GroupMention id={piece.id} label={piece.label ?? workspace.groups.find(({ id }) => id === piece.id)?.handle} />
      )
    case 'broadcast':
      return <BroadcastMention range={piece.range} />
    case 'date':
      return <MomentView unix={piece.unix} format={piece.format} url={piece.url} fallback={piece.fallback} />
    case 'emoji':
      return <EmojiView name={piece.name} />
  }
}
