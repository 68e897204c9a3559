import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

/** The page's colours at this moment, for a canvas. */
export interface Ink {
  value: string
  cost: string
  text: string
  soft: string
  line: string
  paper: string
}

const names = { value: '--value', cost: '--cost', text: '--ink', soft: '--soft', line: '--line', paper: '--surface' }

function inkOf(element: Element): Ink {
  const style = getComputedStyle(element)
  return Object.fromEntries(
    Object.entries(names).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]),
  ) as unknown as Ink
}

export const font = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'

interface PlotProps {
  /** What the plot shows, in words: a canvas says nothing. */
  label: string
  data: uPlot.AlignedData
  options(ink: Ink): Omit<uPlot.Options, 'width' | 'height'>
  height: number
  /** What the options depend on beside the colours: another value makes the plot anew. */
  version?: string
}

/** A plot as wide as its place, in the colours of the scheme, which may change while it is shown. */
export function Plot({ label, data, options, height, version = '' }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef({ data, options })
  latest.current = { data, options }

  useEffect(() => {
    const element = place.current as HTMLDivElement
    const draw = () => {
      plot.current?.destroy()
      const size = { width: Math.max(element.clientWidth, 120), height }
      const { options, data } = latest.current
      plot.current = new uPlot({ legend: { show: false }, ...options(inkOf(element)), ...size }, data, element)
    }
    draw()
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    const resized = new ResizeObserver(() => {
      if (element.clientWidth > 0 && plot.current?.width !== element.clientWidth)
        plot.current?.setSize({ width: element.clientWidth, height })
    })
    resized.observe(element)
    return () => {
      resized.disconnect()
      scheme.removeEventListener('change', draw)
      plot.current?.destroy()
      plot.current = null
    }
  }, [height, version])

  useEffect(() => plot.current?.setData(data), [data])

  return <div class="plot" ref={place} role="img" aria-label={label} />
}
