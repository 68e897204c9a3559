import { render } from 'preact'
import { saveFile } from '../../../download'
import { formatMonths } from '../../../format'
import { words } from '../../../words'
import { fileColours, hasBefore, looks, Plot, type PlotData, tenths } from './plot'
import { chartsWords, reportWords } from './words'

/** Size of the chart file in pixels, suitable for a slide. The file is taller if it contains long names. */
const width = 960
const height = 540
const margin = 36
const minPlotHeight = 260
const fonts = 'Arial, Helvetica, sans-serif'
/** Number of PNG pixels per drawing pixel, in each dimension. */
const scale = 2

export interface ChartFile {
  data: PlotData
  title: string
  subject: string
  /** Text that says which currency the results have. */
  scope: string
  note: string | null
  /** First day of the chart's first month (`first`) and of its last month (`last`). */
  first: string
  last: string
  currency: string | null
}

/**
 * Saves a chart as a file that can be understood without the report, for example on a slide. The saved file shows
 * `date`.
 */
export async function saveChart(file: ChartFile, date: string, type: 'png' | 'svg'): Promise<void> {
  const picture = pictureOf(file, date)
  saveFile(type === 'svg' ? svgFile(picture) : await pngFile(picture), `${nameOf(file)}.${type}`)
}

/** Maximum length of the report's subject in a file name. Operating systems limit the whole file name to 255 bytes. */
const maxNameLength = 40

function nameOf({ title, subject, first, last, currency }: ChartFile): string {
  const parts = [
    title,
    [...subject].slice(0, maxNameLength).join(''),
    first.slice(0, 7),
    last.slice(0, 7),
    currency ?? '',
  ]
  return parts
    .join('-')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}

/** Draws the chart with its title, legend and notes as SVG, in light colours and without a style sheet. */
function pictureOf(file: ChartFile, date: string): SVGSVGElement {
  const box = document.createElement('div')
  render(<Picture file={file} date={date} />, box)
  return box.firstElementChild as SVGSVGElement
}

function Picture({
  file: { data, title, subject, scope, note, first, last },
  date,
}: {
  file: ChartFile
  date: string
}) {
  const texts: { text: string; x: number; y: number; size: number; isBold?: boolean; fill: string }[] = []
  const right = width - margin
  let y = margin
  const write = (text: string, size: number, fill: string, isBold = false): void => {
    for (const line of linesOf(text, size, isBold, right - margin)) {
      texts.push({ text: line, x: margin, y: tenths(y + size * 0.85), size, isBold, fill })
      y = tenths(y + size * 1.35)
    }
  }
  const { ink, soft } = fileColours
  write(title, 26, ink, true)
  write(subject, 18, ink)
  write(`${formatMonths(first, last)} · ${scope}`, 15, soft)

  y += 12
  const swatches: { x: number; y: number; look: keyof typeof looks }[] = []
  const keys = [
    ...data.series.map(({ look, name }) => ({ look, sign: '', fill: ink, name })),
    ...(hasBefore(data) ? [{ look: null, sign: '▬', fill: ink, name: chartsWords.before }] : []),
    ...(data.losses.includes(true)
      ? [{ look: null, sign: '▼', fill: fileColours.loss, name: reportWords.costsMore }]
      : []),
  ]
  let x = margin
  for (const { look, sign, fill, name } of keys) {
    const taken = Math.ceil(20 + widthOf(name, 14))
    if (x > margin && x + taken > right) {
      x = margin
      y += 20
    }
    if (look) swatches.push({ x, y, look })
    else texts.push({ text: sign, x, y: y + 11, size: 12, fill })
    texts.push({ text: name, x: x + 20, y: y + 11, size: 14, fill: ink })
    x += taken + 28
  }
  y += 26

  const plotTop = y
  const below = 12 + (note ? 20 : 0) + 18
  const plotHeight = Math.max(minPlotHeight, height - margin - below - y)
  y += plotHeight + 12
  if (note) write(note, 14, ink)
  write(chartsWords.source(words.page.name, date), 13, soft)
  const total = Math.max(height, Math.ceil(y + margin))
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      width={width}
      height={total}
      viewBox={`0 0 ${width} ${total}`}
      font-family={fonts}
      role="img"
    >
      <title>{[title, subject, formatMonths(first, last), scope].join(' · ')}</title>
      <rect width={width} height={total} fill="#ffffff" />
      {texts.map(({ text, x, y, size, isBold, fill }) => (
        <text key={`${x} ${y}`} x={x} y={y} font-size={size} font-weight={isBold ? 'bold' : undefined} fill={fill}>
          {text}
        </text>
      ))}
      {swatches.map(({ x, y, look }) => (
        <rect key={look} x={x} y={y} width={12} height={12} {...looks[look]} />
      ))}
      <Plot data={data} left={margin} top={plotTop} width={right - margin} height={plotHeight} size={13} />
    </svg>
  )
}

const fontOf = (size: number, isBold: boolean): string => `${isBold ? 'bold ' : ''}${size}px ${fonts}`

let measure: CanvasRenderingContext2D | undefined
function widthOf(text: string, size: number, isBold = false): number {
  measure ??= document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
  measure.font = fontOf(size, isBold)
  return measure.measureText(text).width
}

const characters = new Intl.Segmenter()

/** Wraps text into lines that are at most `width` wide. Breaks words that are wider than a line. */
function linesOf(text: string, size: number, isBold: boolean, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const { segment } of characters.segment(text)) {
    if (widthOf(line + segment, size, isBold) > width) {
      const space = line.lastIndexOf(' ')
      const end = segment === ' ' || space <= 0 ? line.length : space
      lines.push(line.slice(0, end))
      line = line.slice(end).trimStart()
    }
    line += segment
  }
  return [...lines, line]
}

/** Matches the two characters that names can contain but XML does not allow. */
const notInXml = /[\ufffe\uffff]/g

const svgFile = (picture: SVGSVGElement): Blob =>
  new Blob(
    [
      '<?xml version="1.0" encoding="UTF-8"?>\n',
      new XMLSerializer().serializeToString(picture).replace(notInXml, '\ufffd'),
    ],
    { type: 'image/svg+xml' },
  )

/**
 * Draws the picture on a canvas, shape by shape, because the page's Content Security Policy does not allow loading the
 * SVG file as an image.
 */
function pngFile(picture: SVGSVGElement): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = scale * Number(picture.getAttribute('width'))
  canvas.height = scale * Number(picture.getAttribute('height'))
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  context.scale(scale, scale)
  for (const element of picture.querySelectorAll('rect, line, path, text')) draw(element, context)
  return new Promise(resolve => canvas.toBlob(blob => resolve(blob as Blob)))
}

function draw(element: Element, context: CanvasRenderingContext2D): void {
  const of = (name: string, otherwise = ''): string => element.getAttribute(name) ?? otherwise
  const numberOf = (name: string): number => Number(of(name, '0'))
  const fill = of('fill', 'none')
  const stroke = of('stroke', 'none')
  if (element.tagName === 'text') {
    context.font = fontOf(numberOf('font-size'), of('font-weight') === 'bold')
    context.fillStyle = fill
    context.textAlign =
      of('text-anchor', 'start') === 'middle' ? 'center' : (of('text-anchor', 'start') as 'start' | 'end')
    context.fillText(element.textContent ?? '', numberOf('x'), numberOf('y'))
    return
  }
  const path = new Path2D(of('d'))
  if (element.tagName === 'rect') path.rect(numberOf('x'), numberOf('y'), numberOf('width'), numberOf('height'))
  if (element.tagName === 'line') {
    path.moveTo(numberOf('x1'), numberOf('y1'))
    path.lineTo(numberOf('x2'), numberOf('y2'))
  }
  if (fill !== 'none') {
    context.fillStyle = fill
    context.fill(path)
  }
  if (stroke !== 'none') {
    context.strokeStyle = stroke
    context.lineWidth = Number(of('stroke-width', '1'))
    context.setLineDash(of('stroke-dasharray').split(' ').filter(Boolean).map(Number))
    context.stroke(path)
  }
}
