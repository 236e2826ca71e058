import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { renderAsync } from '@resvg/resvg-js'

/** So many dots for each of the drawing's: sharp on a phone. */
const density = 2

/** A drawing (SVG) as PNG, with a font of our own: machines that only run programs often have none. */
export async function pictureOf(svg: string): Promise<Buffer> {
  const find = createRequire(import.meta.url).resolve
  const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => find(`dejavu-fonts-ttf/ttf/${name}`))
  // Without a font it would draw no letter and say nothing.
  await Promise.all(fontFiles.map((file) => readFile(file)))
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: 'DejaVu Sans' }
  const image = await renderAsync(svg, { font, fitTo: { mode: 'zoom', value: density } })
  return image.asPng()
}
