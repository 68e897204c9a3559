import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { currencyFormats, formatMonth, formatMonths, formatShortMonth } from '../../format'
import type { Month } from '../../live/report'
import type { Amounts } from '../../types'
import { words } from '../../words'
import { levelsTo, monthsApart } from './axis'
import './chart.css'

const heightOnScreen = 240
const top = 14
/** Height of the area below the bars, for marks of loss, months and years, in pixels. */
const belowBase = 48

/**
 * Size of the printed chart in pixels: as wide as A4 or Letter within its margins, and low enough to leave room for a
 * table.
 */
const onPaper = { width: 700, height: 185 }

/** Maximum width of a character on an axis, in pixels. */
const characterWidth = 6.6
const widthOf = (texts: string[]): number => characterWidth * Math.max(...texts.map(text => text.length))

const amountsIn = ({ amounts }: Month, currency: string | null): Amounts | undefined =>
  amounts.find(of => of.currency === currency)

const isLoss = ({ timeValue, programmeCost }: Amounts): boolean => timeValue < programmeCost

/** Bars of value and cost for each month. A month without a result has no bars. A month with a sum of 0 has a line. */
export function Chart({ months, currency }: { months: Month[]; currency: string | null }) {
  const [{ width, height }, setSize] = useState({ width: 600, height: heightOnScreen })
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const measure = (): void => {
      const width = box.current?.clientWidth
      if (width) setSize({ width, height: heightOnScreen })
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(box.current as Element)
    const print = (): void => setSize(onPaper)
    addEventListener('beforeprint', print)
    addEventListener('afterprint', measure)
    return () => {
      observer.disconnect()
      removeEventListener('beforeprint', print)
      removeEventListener('afterprint', measure)
    }
  }, [])

  const base = height - belowBase
  const { short, money } = currencyFormats(currency)
  const shown = months.map(month => ({ month: month.month, amounts: amountsIn(month, currency) }))
  const amounts = shown.flatMap(({ amounts }) => amounts ?? [])
  const levels = levelsTo(Math.max(0, ...amounts.flatMap(({ timeValue, programmeCost }) => [timeValue, programmeCost])))
  const most = levels.at(-1) || 1
  const left = Math.ceil(widthOf(levels.map(short))) + 12
  const names = shown.map(({ month }) => formatShortMonth(month))
  const nameWidth = Math.max(widthOf(names), widthOf(['2026'])) + 6
  const band = Math.max(1, (width - left - nameWidth / 2) / shown.length)
  const apart = monthsApart(nameWidth, band)
  const bar = Math.min(band * 0.36, 22)
  const y = (amount: number): number => base - ((base - top) * amount) / most
  const barOf = (kind: 'value' | 'cost', amount: number, x: number) => {
    const tall = Math.max(base - y(amount), 1.5)
    return <rect class={kind} x={x} y={base - tall} width={bar} height={tall} />
  }
  const withResults = amounts.length
  const first = shown[0]?.month ?? ''
  const period = formatMonths(first, shown.at(-1)?.month ?? '')
  return (
    <div class="chart" ref={box}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={words.report.chart(period, withResults, shown.length)}
      >
        {levels.map(level => (
          <g key={level} class="level">
            <line x1={left} x2={width} y1={y(level)} y2={y(level)} />
            <text x={left - 8} y={y(level) + 4} text-anchor="end">
              {short(level)}
            </text>
          </g>
        ))}
        {shown.map(({ month, amounts }, i) => {
          const middle = left + band * (i + 0.5)
          const isNamed = i % apart === 0
          const isFirstOfYear = isNamed && (i === 0 || shown[i - apart]?.month.slice(0, 4) !== month.slice(0, 4))
          return (
            <g key={month} data-month={month}>
              {amounts && (
                <>
                  <title>
                    {`${formatMonth(month)}: ${words.timeValue} ${money(amounts.timeValue)}, ${words.programmeCost} ${money(amounts.programmeCost)}`}
                  </title>
                  <rect class="band" x={middle - band / 2} y={top} width={band} height={base - top} />
                  {barOf('value', amounts.timeValue, middle - bar)}
                  {barOf('cost', amounts.programmeCost, middle)}
                  {isLoss(amounts) && <path class="mark" d={`M${middle - 4} ${base + 5}h8l-4 6z`} />}
                </>
              )}
              {isNamed && (
                <text x={middle} y={base + 25} text-anchor="middle">
                  {names[i]}
                </text>
              )}
              {isFirstOfYear && (
                <text class="year" x={middle} y={base + 41} text-anchor="middle">
                  {month.slice(0, 4)}
                </text>
              )}
            </g>
          )
        })}
      </svg>
      <ul class="key" aria-hidden="true">
        <li>
          <span class="swatch value" />
          {words.timeValue}
        </li>
        <li>
          <span class="swatch cost" />
          {words.programmeCost}
        </li>
        {amounts.some(isLoss) && (
          <li>
            <span class="loss">▼</span>
            {words.report.costsMore}
          </li>
        )}
      </ul>
    </div>
  )
}
