import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { hasBefore, Plot, type PlotData } from './plot'
import { chartsWords, reportWords } from './words'
import './chart.css'

const heightOnScreen = 240

/**
 * Size of the printed chart in pixels. The chart fits between the margins of A4 or Letter paper, and leaves room for a
 * table.
 */
const onPaper = { width: 700, height: 185 }

/** A monthly chart with its legend. */
export function Chart({ data, label }: { data: PlotData; label: string }) {
  const [size, setSize] = useState({ width: 600, height: heightOnScreen })
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
  return (
    <div class="chart" ref={box}>
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={label}>
        <Plot data={data} {...size} />
      </svg>
      <ul class="key" aria-hidden="true">
        {data.series.map(({ look, name }) => (
          <li key={look}>
            <span class={`swatch ${look}`} />
            {name}
          </li>
        ))}
        {hasBefore(data) && (
          <li>
            <span class="swatch year-before" />
            {chartsWords.before}
          </li>
        )}
        {data.losses.includes(true) && (
          <li>
            <span class="loss">▼</span>
            {reportWords.costsMore}
          </li>
        )}
      </ul>
    </div>
  )
}
