import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { splitSections, unfitForCanvas } from '../../../playground/workspace/text/canvas-markdown.js'
import { startTestWorkspace } from './started.js'

const { workspace, client, rita, control } = await startTestWorkspace()
afterAll(() => workspace.close())

type Failed = { data?: { error?: string; detail?: string } }
const refusal = (call: Promise<unknown>) => call.then(() => 'ok').catch((error: Failed) => error.data?.error)
const markdown = (text: string) => ({ type: 'markdown' as const, markdown: text })
const fresh = async (name: string) => (await client.conversations.create({ name })).channel?.id ?? ''
const shown = async (channel: string) => (await rita.canvases(channel)).map((one) => one.markdown)
const edit = (canvas_id: string, change: { [field: string]: unknown }) =>
  client.apiCall('canvases.edit', { canvas_id, changes: [change] })

describe('the canvas of a channel', () => {
  it('is made once, and conversations.info says which it is', async () => {
    const channel = await fresh('inc-1')
    const info = async () => Object((await client.conversations.info({ channel })).channel).properties
    expect(await info()).toBeUndefined()
    const content = { channel_id: channel, title: 'Review', document_content: markdown('# INC-1\n\nIt was **slow**.') }
    const { canvas_id } = await client.conversations.canvases.create(content)
    expect(await refusal(client.conversations.canvases.create(content))).toBe('channel_canvas_already_exists')
    expect(await info()).toMatchObject({ canvas: { file_id: canvas_id, is_empty: false } })
    expect(await rita.canvases(channel)).toMatchObject([
      { id: canvas_id, title: 'Review', markdown: '# INC-1\n\nIt was **slow**.', updated_by: 'U0SHIPMATE' },
    ])
    expect((await rita.channel(channel)).canvases).toEqual([{ id: canvas_id, title: 'Review' }])
  })

  it('may be there already because a person wrote it, or be empty', async () => {
    const channel = await fresh('inc-2')
    await rita.writeCanvas(channel, 'My notes')
    expect(await refusal(client.conversations.canvases.create({ channel_id: channel }))).toBe(
      'channel_canvas_already_exists',
    )
    await rita.writeCanvas(channel, '')
    expect(Object((await client.conversations.info({ channel })).channel).properties.canvas.is_empty).toBe(true)
  })

  it('is not made in a private channel that the app is not in, nor in an archived one', async () => {
    const channel = await fresh('inc-3')
    await client.conversations.archive({ channel })
    expect(await refusal(client.conversations.canvases.create({ channel_id: channel }))).toBe('is_archived')
    expect(await refusal(client.conversations.canvases.create({ channel_id: 'C0NOWHERE' }))).toBe('channel_not_found')
  })
})

describe('canvases', () => {
  it('are changed section by section, found by heading and words, renamed and deleted', async () => {
    const channel = await fresh('inc-4')
    const document_content = markdown('# One\n\nfirst\n\n## Two\n\n- a\n- b')
    const { canvas_id = '' } = await client.canvases.create({ channel_id: channel, document_content })
    const lookup = async (criteria: object) =>
      Object(await client.apiCall('canvases.sections.lookup', { canvas_id, criteria })).sections.map(Object)
    const [two] = await lookup({ section_types: ['h2'] })
    await edit(canvas_id, { operation: 'insert_after', section_id: two.id, document_content: markdown('second') })
    await edit(canvas_id, { operation: 'insert_before', section_id: two.id, document_content: markdown('between') })
    await edit(canvas_id, { operation: 'insert_at_start', document_content: markdown('top') })
    await edit(canvas_id, { operation: 'insert_at_end', document_content: markdown('end') })
    expect(await shown(channel)).toEqual(['top\n\n# One\n\nfirst\n\nbetween\n\n## Two\n\nsecond\n\n- a\n- b\n\nend'])
    const [first] = await lookup({ contains_text: 'first' })
    await edit(canvas_id, { operation: 'delete', section_id: first.id })
    await edit(canvas_id, { operation: 'replace', section_id: two.id, document_content: markdown('## Deux') })
    expect(await shown(channel)).toEqual(['top\n\n# One\n\nbetween\n\n## Deux\n\nsecond\n\n- a\n- b\n\nend'])
    await edit(canvas_id, { operation: 'replace', document_content: markdown('all new') })
    await edit(canvas_id, { operation: 'rename', title_content: markdown('Named') })
    expect(await rita.canvases(channel)).toMatchObject([{ title: 'Named', markdown: 'all new' }])
    await client.canvases.delete({ canvas_id })
    expect(await refusal(edit(canvas_id, { operation: 'delete', section_id: 'x' }))).toBe('canvas_not_found')
    expect((await rita.channel(channel)).canvases).toEqual([])
  })

  it('take one change a call, of a known kind, in Markdown', async () => {
    const { canvas_id = '' } = await client.canvases.create({ document_content: markdown('x') })
    const document_content = markdown('y')
    const one = { operation: 'insert_at_end', document_content }
    expect(await refusal(client.apiCall('canvases.edit', { canvas_id, changes: [one, one] }))).toBe('invalid_arguments')
    expect(await refusal(edit(canvas_id, { operation: 'append', document_content }))).toBe('invalid_arguments')
    expect(await refusal(edit(canvas_id, { operation: 'insert_after', document_content }))).toBe('invalid_arguments')
    const html = { type: 'html', markdown: '<p>' }
    expect(await refusal(client.apiCall('canvases.create', { document_content: html }))).toBe('invalid_arguments')
    expect(await refusal(edit(canvas_id, { operation: 'delete', section_id: 'none' }))).toBe('canvas_editing_failed')
  })

  const rows = (count: number) => Array.from({ length: count }, (_, at) => `| ${at} | \\| |`).join('\n')
  const table = (cells: number) => `| a | b |\n| --- | --- |\n${rows(cells / 2 - 1)}`
  it.each([
    ['a heading of the fourth depth', '#### Too deep', 'canvas_creation_failed', 'canvas_editing_failed'],
    ['a table of 302 cells', table(302), 'canvas_creation_failed', 'canvas_editing_failed'],
    ['more than 1 MiB', 'é'.repeat(524_289), 'canvas_creation_failed', 'canvas_too_large'],
  ])('refuse %s', async (_what, text, onCreate, onEdit) => {
    const { canvas_id = '' } = await client.canvases.create({ document_content: markdown('x') })
    expect(await refusal(client.canvases.create({ document_content: markdown(text) }))).toBe(onCreate)
    expect(await refusal(edit(canvas_id, { operation: 'replace', document_content: markdown(text) }))).toBe(onEdit)
  })

  it('take a table of 300 cells, a heading of the third depth and code that looks like neither', () => {
    expect(unfitForCanvas(`${table(300)}\n\n### Deep enough\n\n\`\`\`\n#### in code\n\n| a |\n\`\`\``)).toBeNull()
    expect(splitSections('a\n## b\nc\n\n```\nd\n\n# e\n```\nf')).toEqual(['a', '## b', 'c', '```\nd\n\n# e\n```\nf'])
  })
})

it('a workspace without canvases or an app without the scope refuses them', async () => {
  await control.fault({ kind: 'error', method: 'canvases.create', error: 'canvas_disabled_user_team', times: 1 })
  expect(await refusal(client.canvases.create({}))).toBe('canvas_disabled_user_team')
  const poor = await startTestWorkspace({ manifestPath: 'test/playground/page/manifest.yml' })
  expect(readFileSync('test/playground/page/manifest.yml', 'utf8')).not.toContain('canvases:')
  expect(await refusal(poor.client.canvases.create({}))).toBe('missing_scope')
  await poor.workspace.close()
})

it('a file’s words for those who do not see it are kept, and have a limit', async () => {
  // The method's own name of it; the client's types have another one.
  const worded = (alt_txt: string) => ({ filename: 'a.png', length: 3, alt_txt })
  const { upload_url = '', file_id = '' } = await client.files.getUploadURLExternal(worded('All green'))
  expect((await fetch(upload_url, { method: 'POST', body: new Uint8Array([1, 2, 3]) })).status).toBe(200)
  await client.files.completeUploadExternal({ files: [{ id: file_id, title: 'A' }], channel_id: 'C0INCIDENTS' })
  const seen = (await rita.messages('incidents')).find(({ files }) => files?.some(({ id }) => id === file_id))
  expect(seen?.files).toMatchObject([{ title: 'A', alt: 'All green', mimetype: 'image/png' }])
  const long = client.files.getUploadURLExternal(worded('x'.repeat(1_001)))
  expect(await refusal(long)).toBe('alt_txt_too_large')
})
