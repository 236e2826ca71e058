import type { KnownBlock } from '@slack/types'
import { lazy, Suspense, useMemo } from 'react'
import type { Block } from '../../workspace/protocol.js'
import { blockId } from '../elements/state-values.js'
import { BlockContext, type BlockPlace, type Surface, SurfaceContext } from '../elements/surface.js'
import { PlainView } from '../text/mrkdwn-view.js'
import { ActionsView, ContextView, SectionView } from './basic.js'
import { CardView, CarouselView, ContainerView } from './cards.js'
import { ContextActionsView } from './context-actions.js'
import { ImageView } from './image.js'
import { AlertView, InputView } from './input.js'
import { MarkdownView } from './markdown.js'
import { RichTextView } from './rich-text.js'
import { DataTableView, TableView } from './table.js'
import { PlanView, TaskCardView } from './tasks.js'

const ForeignView = lazy(() => import('./foreign.js'))

/** The blocks of a message or view on their surface. */
export function BlocksView({ blocks, surface }: { blocks: Block[]; surface: Surface }) {
  return (
    <SurfaceContext value={surface}>
      <BlockList blocks={blocks} />
    </SurfaceContext>
  )
}

/** Blocks inside a surface that is already there. */
export function BlockList({ blocks }: { blocks: Block[] }) {
  return (
    <div className="blocks">
      {blocks.map((block, index) => (
        <OneBlock key={blockId(block, index)} block={block} block_id={blockId(block, index)} />
      ))}
    </div>
  )
}

function OneBlock({ block, block_id }: { block: Block; block_id: string }) {
  const place = useMemo<BlockPlace>(() => ({ block_id, dispatches: true }), [block_id])
  return (
    <BlockContext value={place}>
      <BlockView block={block as unknown as KnownBlock} />
    </BlockContext>
  )
}

function BlockView({ block }: { block: KnownBlock }) {
  switch (block.type) {
    case 'header':
      return (
        <h3 className="block-header">
          <PlainView text={block.text.text} />
        </h3>
      )
    case 'section':
      return <SectionView block={block} />
    case 'context':
      return <ContextView block={block} />
    case 'actions':
      return <ActionsView block={block} />
    case 'divider':
      return <hr className="block-divider" />
    case 'image':
      return <ImageView block={block} />
    case 'input':
      return <InputView block={block} />
    case 'rich_text':
      return <RichTextView block={block} />
    case 'markdown':
      return <MarkdownView text={block.text} />
    case 'table':
      return <TableView block={block} />
    case 'data_table':
      return <DataTableView block={block} />
    case 'alert':
      return <AlertView block={block} />
    case 'task_card':
      return <TaskCardView task={block} />
    case 'plan':
      return <PlanView block={block} />
    case 'card':
      return <CardView block={block} />
    case 'carousel':
      return <CarouselView block={block} />
    case 'container':
      return <ContainerView block={block} />
    case 'context_actions':
      return <ContextActionsView block={block} />
    default:
      return (
        <Suspense fallback={<p className="unknown">…</p>}>
          <ForeignView block={block} />
        </Suspense>
      )
  }
}
