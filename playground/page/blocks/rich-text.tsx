import type { RichTextBlock, RichTextElement, RichTextList, RichTextSection } from '@slack/types'
import type { ReactNode } from 'react'
import { useSession } from '../control/session.js'
import {
  BroadcastMention,
  ChannelMention,
  EmojiView,
  GroupMention,
  LinkView,
  MomentView,
  UserMention,
} from '../text/mentions.js'

export function RichTextView({ block }: { block: RichTextBlock }) {
  return (
    <div className="rich">
      {block.elements.map((element, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no identity but their place
        <Part key={index} part={element} />
      ))}
    </div>
  )
}

function Part({ part }: { part: RichTextBlock['elements'][number] }) {
  switch (part.type) {
    case 'rich_text_section':
      return (
        <p className="rich-section">
          <Leaves leaves={part.elements} />
        </p>
      )
    case 'rich_text_quote':
      return (
        <blockquote className="quote">
          <Leaves leaves={part.elements} />
        </blockquote>
      )
    case 'rich_text_preformatted':
      return (
        <pre className="pre">
          <Leaves leaves={part.elements} />
        </pre>
      )
    case 'rich_text_list':
      return <List list={part} />
  }
}

function List({ list }: { list: RichTextList }) {
  const Tag = list.style === 'ordered' ? 'ol' : 'ul'
  const offset = (list as { offset?: number }).offset
  return (
    <Tag
      className={list.border ? 'rich-list rich-border' : 'rich-list'}
      style={{ marginInlineStart: `${(list.indent ?? 0) * 1.6}em`, listStyleType: bullet(list) }}
      {...(list.style === 'ordered' && offset ? { start: offset + 1 } : {})}
    >
      {list.elements.map((item: RichTextSection, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <li key={index}>
          <Leaves leaves={item.elements} />
        </li>
      ))}
    </Tag>
  )
}

function bullet({ style, indent = 0 }: RichTextList): string {
  const kinds = style === 'ordered' ? ['decimal', 'lower-alpha', 'lower-roman'] : ['disc', 'circle', 'square']
  return kinds[indent % 3] ?? 'disc'
}

function Leaves({ leaves }: { leaves: RichTextElement[] }) {
  return leaves.map((leaf, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Styled key={index} style={leaf.style}>
      <Leaf leaf={leaf} />
    </Styled>
  ))
}

function Styled({ style, children }: { style: RichTextElement['style']; children: ReactNode }) {
  let drawn = children
  if (style?.code) drawn = <code className="code">{drawn}</code>
  if (style?.strike) drawn = <s>{drawn}</s>
  if (style?.italic) drawn = <i>{drawn}</i>
  if (style?.bold) drawn = <b>{drawn}</b>
  return drawn
}

function Leaf({ leaf }: { leaf: RichTextElement }) {
  const { workspace } = useSession()
  switch (leaf.type) {
    case 'text':
      return leaf.text
    case 'link':
      return <LinkView url={leaf.url} label={leaf.text ?? leaf.url} />
    case 'user':
      return <UserMention id={leaf.user_id} />
    case 'channel':
      return <ChannelMention id={leaf.channel_id} />
    case 'usergroup':
      return <GroupMention id={leaf.usergroup_id} />
    case 'team':
      return <span className="mention">@{workspace.team.name}</span>
    case 'broadcast':
      return <BroadcastMention range={leaf.range} />
    case 'emoji':
      return <EmojiView name={leaf.name} />
    case 'date':
      return <MomentView unix={leaf.timestamp} format={leaf.format} url={leaf.url} fallback={leaf.fallback ?? ''} />
    case 'color':
      return (
        <span className="rich-color">
          <span style={{ background: leaf.value }} aria-hidden="true" /> {leaf.value}
        </span>
      )
  }
}
