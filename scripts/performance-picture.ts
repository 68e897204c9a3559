/** Row in the table of figures in docs/performance.md. */
export interface Figure {
  what: string
  ours: Measured
  other: Measured
  ratio: string
  /** File with the results, relative to the page. */
  source: string
}

interface Measured {
  /** The number, as it is written on the page. */
  text: string
  unit: string
  /** Name of the system that was measured. Undefined for this server. */
  name: string | undefined
}

const width = 860
const labelWidth = 300
const barWidth = 270
const barHeight = 11
const rowHeight = 40
const headHeight = 62

const numberOf = ({ text }: Measured): number => Number(text.replaceAll(',', ''))

/** Returns the factor by which this server is better. A higher rate is better, and so is a shorter time. */
export function ratioOf({ ours, other }: Figure): string {
  const ratio = numberOf(ours) / numberOf(other)
  const better = ours.unit.endsWith('/s') ? ratio : 1 / ratio
  return better < 10 ? better.toFixed(1) : Number(better.toPrecision(2)).toLocaleString('en')
}

function measured(cell: string): Measured {
  const [, text, unit, name] = /^([\d.,]+) ([^ ,]+)(?:, (.+))?$/.exec(cell) ?? []
  if (!text || !unit) throw new Error(`docs/performance.md: "${cell}" is no number with a unit`)
  return { text, unit, name }
}

/** Returns the figures from the table in docs/performance.md. */
export function figuresOf(page: string): Figure[] {
  const [, section = ''] = page.split('\n## Ten figures\n')
  const rows = section.split('\n## ', 1)[0]?.match(/^\|.*\|$/gm) ?? []
  return rows.slice(2).map(row => {
    const [what = '', ours = '', other = '', ratio = '', link = ''] = row.slice(2, -2).split(' | ')
    const source = /\]\(([^)#]+)/.exec(link)?.[1] ?? ''
    return { what, ours: measured(ours), other: measured(other), ratio: ratio.replace(' ×', ''), source }
  })
}

function bar(measured: Measured, most: number, y: number, kind: string): string {
  const { text, unit, name } = measured
  const length = Math.max(2, Math.round((numberOf(measured) / most) * barWidth))
  const label = [`${text} ${unit}`, ...(name ? [name] : [])].join(', ')
  return `<rect class="${kind}" x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" rx="2"/>
<text class="value" x="${labelWidth + length + 8}" y="${y + 9}">${label}</text>`
}

/** Draws the figures from docs/performance.md as an SVG image. The image adapts to the reader's colour scheme. */
export function pictureOf(page: string): string {
  const figures = figuresOf(page)
  const height = headHeight + figures.length * rowHeight + 6
  const rows = figures.map(({ what, ours, other }, i) => {
    const y = headHeight + i * rowHeight
    const most = Math.max(numberOf(ours), numberOf(other))
    return `<text class="what" x="${labelWidth - 12}" y="${y + 18}">${what}</text>
${bar(ours, most, y, 'ours')}
${bar(other, most, y + barHeight + 3, 'other')}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Ten figures of this server, beside what it is compared with">
<style>
svg { font: 13px system-ui, sans-serif; --page: #ffffff; --text: #1f2328; --ours: #1f6feb; --other: #98a2b0 }
@media (prefers-color-scheme: dark) { svg { --page: #0d1117; --text: #e6edf3; --ours: #58a6ff; --other: #626d7c } }
text { fill: var(--text) } .what { text-anchor: end } .value { font-size: 11px } .page { fill: var(--page) }
.ours { fill: var(--ours) } .other { fill: var(--other) }
</style>
<rect class="page" width="${width}" height="${height}" rx="8"/>
<text x="16" y="24">The two bars of a row have one scale. Per second, a longer bar is better. In ms and µs, a shorter one is.</text>
<rect class="ours" x="16" y="36" width="12" height="12" rx="2"/><text x="34" y="47">this server</text>
<rect class="other" x="116" y="36" width="12" height="12" rx="2"/><text x="134" y="47">compared with</text>
${rows.join('\n')}
</svg>
`
}
