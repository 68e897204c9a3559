import { useMemo } from 'preact/hooks'
import type uPlot from 'uplot'
import { money, number } from '../format'
import { font, type Ink, Plot } from '../plot'
import type { Inputs } from '../types'

/** A session's value grows with its length and its cost does not: where the lines cross, it breaks even. */
export function CostAgainstValue({ inputs, breakEven }: { inputs: Inputs; breakEven: number | null }) {
  const { avgMinutes, costPerSession, costPerHour } = inputs
  const worth = (minutes: number): number => (minutes * costPerHour) / 60
  const longest = Math.max(avgMinutes * 1.3, Math.min(breakEven ?? 0, avgMinutes * 4 || 1_440) * 1.5, 10)
  const data = useMemo<uPlot.AlignedData>(
    () => [
      [0, longest],
      [costPerSession, costPerSession],
      [0, worth(longest)],
    ],
    [longest, costPerSession, costPerHour],
  )
  const label =
    `Cost and value of a session by its length. At ${number(avgMinutes)} minutes it costs ${money(costPerSession)} and is worth ` +
    `${money(worth(avgMinutes))}. ${breakEven === null ? '' : `Both are equal at ${money(breakEven)} minutes.`}`
  return (
    <figure>
      <figcaption class="soft">Cost against value of a session, by its length in minutes</figcaption>
      <Plot
        label={label}
        data={data}
        height={210}
        version={JSON.stringify([longest, avgMinutes, costPerSession, costPerHour, breakEven])}
        options={ink => lines(ink, { avgMinutes, breakEven, worth, longest, costPerSession })}
      />
    </figure>
  )
}

interface Lines {
  avgMinutes: number
  costPerSession: number
  breakEven: number | null
  longest: number
  worth(minutes: number): number
}

function lines(
  ink: Ink,
  { avgMinutes, costPerSession, breakEven, longest, worth }: Lines,
): Omit<uPlot.Options, 'width' | 'height'> {
  const axis = {
    stroke: ink.soft,
    font,
    ticks: { show: false },
    grid: { stroke: ink.line, width: 1 },
    values: (_plot: uPlot, splits: number[]) => splits.map(number),
  }
  return {
    padding: [22, 10, 0, 0],
    cursor: { show: false },
    scales: {
      x: { time: false, range: [0, longest] },
      y: { range: [0, Math.max(worth(longest), costPerSession * 1.25, 0.01)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 26, gap: 5 },
      { ...axis, size: 56, gap: 6 },
    ],
    series: [
      {},
      { stroke: ink.cost, width: 2, points: { show: false } },
      { stroke: ink.value, width: 2, points: { show: false } },
    ],
    hooks: { draw: [plot => drawMarks(plot, ink, { avgMinutes, breakEven, worth, longest, costPerSession })] },
  }
}

/** The session's own length on the value's line, and the length at which it breaks even. */
function drawMarks(plot: uPlot, ink: Ink, { avgMinutes, breakEven, worth, longest, costPerSession }: Lines): void {
  const { ctx } = plot
  const ratio = devicePixelRatio
  const x = (minutes: number): number => plot.valToPos(minutes, 'x', true)
  const y = (amount: number): number => plot.valToPos(amount, 'y', true)
  const { left, width, top } = plot.bbox
  const bottom = y(0)

  /** Words that begin at a place, or end there where they would run out of the plot, on a halo that parts them from lines. */
  const text = (words: string, at: number, baseline: number, color: string): void => {
    const size = ctx.measureText(words).width
    const start = Math.min(Math.max(at, left + 4 * ratio), left + width - size)
    ctx.lineWidth = 5 * ratio
    ctx.lineJoin = 'round'
    ctx.strokeStyle = ink.paper
    ctx.strokeText(words, start, baseline)
    ctx.fillStyle = color
    ctx.fillText(words, start, baseline)
  }

  ctx.save()
  ctx.font = font.replace('12px', `${12 * ratio}px`)
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.lineWidth = ratio
  ctx.setLineDash([3 * ratio, 4 * ratio])
  ctx.strokeStyle = ink.soft
  const marks = breakEven !== null && breakEven <= longest ? [breakEven, avgMinutes] : [avgMinutes]
  for (const minutes of marks) {
    ctx.beginPath()
    ctx.moveTo(x(minutes), bottom)
    ctx.lineTo(x(minutes), y(minutes === avgMinutes ? worth(avgMinutes) : costPerSession))
    ctx.stroke()
  }
  ctx.setLineDash([])
  const dot = (minutes: number, amount: number, color: string): void => {
    ctx.beginPath()
    ctx.arc(x(minutes), y(amount), 5 * ratio, 0, 2 * Math.PI)
    ctx.fillStyle = color
    ctx.fill()
    ctx.lineWidth = 2 * ratio
    ctx.strokeStyle = ink.paper
    ctx.stroke()
  }
  if (breakEven !== null && breakEven <= longest) {
    dot(breakEven, costPerSession, ink.cost)
    // Right below the crossing is where neither line runs; close to the axis, above it is next best.
    const below = y(costPerSession) + 18 * ratio
    const baseline = below < bottom - 4 * ratio ? below : y(costPerSession) - 10 * ratio
    text(`break-even ${money(breakEven)} min`, x(breakEven) + 8 * ratio, baseline, ink.cost)
  }
  dot(avgMinutes, worth(avgMinutes), ink.value)
  const words = `${number(avgMinutes)} min, worth ${money(worth(avgMinutes))}`
  const clear = Math.max(y(worth(avgMinutes)) - 10 * ratio, top - 6 * ratio)
  text(words, x(avgMinutes) - ctx.measureText(words).width - 8 * ratio, clear, ink.value)
  ctx.restore()
}
