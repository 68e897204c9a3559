import { formatMonth, formatShortMonth } from '../../../format'
import { words } from '../../../words'
import { levelsTo, monthsApart } from './axis'
import { chartsWords } from './words'

export type Look = 'value' | 'cost' | 'before' | 'hours'

/**
 * Colours of the series in a saved chart file: the light theme's colours from base.css, with tints of 35%. On the page,
 * chart.css overrides these colours.
 */
export const looks: Record<Look, { fill: string; stroke?: string }> = {
  value: { fill: '#0a6b62' },
  cost: { fill: '#dfbfaa', stroke: '#a4480c' },
  before: { fill: '#a9cbc8', stroke: '#0a6b62' },
  hours: { fill: '#66727e' },
}

/** Width in pixels below which bars have no outline, because an outline would cover the neighbouring bars. */
const thinBar = 3

export const fileColours = { ink: '#17212b', soft: '#55616d', line: '#dce2e6', strongLine: '#8a97a3', loss: '#a3271f' }

export interface Series {
  look: Look
  name: string
  /**
   * Returns the label of the series' amount in a month, such as the month's name. If this function is absent, the label
   * is the name of the series.
   */
  nameIn?: (month: string) => string
  /** The series' amount in each month, or undefined for a month without results. */
  amounts: (number | undefined)[]
}

export interface PlotData {
  /** First day of each month in the chart. */
  months: string[]
  series: Series[]
  isLine: boolean
  /**
   * Amounts of the year before, by series and month. Each amount is shown as a mark across the bar of the current
   * amount.
   */
  before: (number | undefined)[][]
  /** Whether each month is marked as a loss. */
  losses: boolean[]
  /** Formats a round amount for the axis. */
  short(amount: number): string
  full(amount: number): string
}

export const hasBefore = ({ before }: PlotData): boolean =>
  before.some(amounts => amounts.some(amount => amount !== undefined))

interface PlotProps {
  data: PlotData
  left?: number
  top?: number
  width: number
  height: number
  /** Font size in pixels. */
  size?: number
}

/**
 * Assumed width of a character in an axis label, as a multiple of the font size. Only wide letters such as m exceed
 * this width.
 */
const characterWidth = 0.6

const thinLookOf = (look: Look) => ({ fill: look === 'cost' ? looks.cost.stroke : looks[look].fill, stroke: 'none' })

export const tenths = (value: number): number => Math.round(value * 10) / 10

/** Draws bars or lines above an axis of months. All labels are outside the plot area. */
export function Plot({ data, left: start = 0, top: start0 = 0, width, height, size = 11 }: PlotProps) {
  const { months, series, isLine, before, losses, short, full } = data
  const widthOf = (texts: string[]): number => size * characterWidth * Math.max(...texts.map(text => text.length))
  const end = start + width
  const top = start0 + size * 1.3
  const base = Math.round(start0 + height - size * 4.4)
  const all = [...series.map(({ amounts }) => amounts), ...before]
  const levels = levelsTo(Math.max(0, ...all.flatMap(amounts => amounts.map(amount => amount ?? 0))))
  const most = levels.at(-1) || 1
  const left = start + Math.ceil(widthOf(levels.map(short)) + size * 1.35)
  const names = months.map(formatShortMonth)
  const nameWidth = Math.max(widthOf(names), widthOf(['2026'])) + size / 2
  const band = Math.max(0.1, (end - left - nameWidth / 2) / months.length)
  const apart = monthsApart(nameWidth, band)
  const bar = tenths(Math.min((band * 0.72) / series.length, size * 2))
  const isThin = bar < thinBar
  const middleOf = (i: number): number => tenths(left + band * (i + 0.5))
  const y = (amount: number): number => tenths(base - ((base - top) * amount) / most)
  const text = { 'font-size': size, fill: fileColours.soft }
  const textOf = (shown: { name: string; amount: number }[]): string =>
    shown.map(({ name, amount }) => `${name} ${full(amount)}`).join(', ')
  const isEmpty = all.every(amounts => amounts.every(amount => amount === undefined))
  return (
    <>
      {levels.map((level, i) => (
        <g key={level} class="level">
          <line
            x1={left}
            x2={end}
            y1={y(level)}
            y2={y(level)}
            stroke={i === 0 ? fileColours.strongLine : fileColours.line}
          />
          <text x={left - size * 0.75} y={y(level) + size * 0.35} text-anchor="end" {...text}>
            {short(level)}
          </text>
        </g>
      ))}
      {isEmpty && (
        <text x={(left + end) / 2} y={(top + base) / 2} text-anchor="middle" {...text}>
          {chartsWords.nothing}
        </text>
      )}
      {isLine &&
        !isEmpty &&
        series.map(({ look, amounts }) => (
          <path
            key={look}
            class={`line ${look}`}
            d={`M${amounts.flatMap((amount, i) => (amount === undefined ? [] : `${middleOf(i)} ${y(amount)}`)).join('L')}`}
            fill="none"
            stroke={looks[look].stroke ?? looks[look].fill}
            stroke-width={2}
            stroke-dasharray={look === 'cost' ? '6 3' : undefined}
          />
        ))}
      {months.map((month, i) => {
        const middle = middleOf(i)
        const isNamed = i % apart === 0
        const isFirstOfYear = isNamed && (i === 0 || months[i - apart]?.slice(0, 4) !== month.slice(0, 4))
        const shown = series.flatMap(({ look, name, nameIn, amounts }, k) => {
          const amount = amounts[i]
          return amount === undefined
            ? []
            : { look, name: nameIn?.(month) ?? name, amount, x: middle + bar * (k - series.length / 2) }
        })
        const shownBefore = series.flatMap(({ look, name }, k) => {
          const amount = before[k]?.[i]
          return amount === undefined ? [] : { look, name, amount, x: middle + bar * (k - series.length / 2) }
        })
        const hasDot = isLine && (band >= size || series.every(({ amounts }) => amounts[i + 1] === undefined))
        return (
          <g key={month} data-month={month}>
            {shown.length + shownBefore.length > 0 && (
              <>
                <title>
                  {[
                    shown.length > 0 && words.labelled(formatMonth(month), textOf(shown)),
                    shownBefore.length > 0 && words.labelled(chartsWords.before, textOf(shownBefore)),
                  ]
                    .filter(Boolean)
                    .join('\n')}
                </title>
                <rect
                  class="band"
                  x={tenths(middle - band / 2)}
                  y={top}
                  width={tenths(band)}
                  height={base - top}
                  fill="none"
                />
              </>
            )}
            {!isLine &&
              shown.map(({ look, amount, x }) => {
                const tall = Math.max(base - y(amount), 1.5)
                return (
                  <rect
                    key={look}
                    class={isThin ? `${look} thin` : look}
                    x={tenths(x)}
                    y={tenths(base - tall)}
                    width={bar}
                    height={tenths(tall)}
                    {...looks[look]}
                    {...(isThin && thinLookOf(look))}
                  />
                )
              })}
            {shownBefore.map(({ look, amount, x }) => {
              const ends = { x1: tenths(x - 1), x2: tenths(x + bar + 1), y1: y(amount), y2: y(amount) }
              return (
                <g key={look} class="before">
                  {!isThin && <line class="edge" {...ends} stroke="#ffffff" stroke-width={5} />}
                  <line {...ends} stroke={fileColours.ink} stroke-width={isThin ? 1.5 : 2.5} />
                </g>
              )
            })}
            {hasDot &&
              shown.map(({ look, amount }) => (
                <path
                  key={look}
                  class={look}
                  d={`M${tenths(middle - 3)} ${y(amount)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z`}
                  {...looks[look]}
                />
              ))}
            {losses[i] && (
              <path class="mark" d={`M${tenths(middle - 4)} ${base + 5}h8l-4 6z`} fill={fileColours.loss} />
            )}
            {isNamed && (
              <text x={middle} y={base + size * 2.3} text-anchor="middle" {...text}>
                {names[i]}
              </text>
            )}
            {isFirstOfYear && (
              <text class="year" x={middle} y={base + size * 3.7} text-anchor="middle" {...text} fill={fileColours.ink}>
                {month.slice(0, 4)}
              </text>
            )}
          </g>
        )
      })}
    </>
  )
}
