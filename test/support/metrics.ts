import type { Server } from './server'
import { until } from './until'

/** A sample in the exposition format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

export function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap(line => {
    if (line === '' || line.startsWith('#')) return []
    const [, name, labels = '', value] = sampleLine.exec(line) ?? []
    if (!name) throw new Error(`no sample: ${line}`)
    const pairs = [...labels.matchAll(labelPair)].map(([, label, said]) => [label, said])
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }]
  })
}

type Metered = Pick<Server, 'metricsUrl'>

export async function scraped({ metricsUrl }: Metered): Promise<string> {
  const response = await fetch(String(metricsUrl))
  if (response.status !== 200) throw new Error(`the metrics are ${response.status}`)
  return response.text()
}

/** Returns the samples of one metric, keyed by the values of these labels. */
export async function figures(server: Metered, name: string, ...labels: string[]): Promise<Record<string, number>> {
  const samples = samplesOf(await scraped(server)).filter(sample => sample.name === `benefit_sessions_${name}`)
  const found: Record<string, number> = {}
  for (const { labels: said, value } of samples) {
    const key = labels.map(label => said[label]).join(' ')
    found[key] = (found[key] ?? 0) + value
  }
  return found
}

/**
 * Waits until the samples of a metric have these values, because a request counts only after its connection released
 * it.
 */
export async function come(server: Metered, name: string, labels: string[], expected: Record<string, number>) {
  let found: Record<string, number> = {}
  const holds = async (): Promise<boolean> => {
    found = await figures(server, name, ...labels)
    return JSON.stringify(Object.entries(found).sort()) === JSON.stringify(Object.entries(expected).sort())
  }
  await until(holds, 5_000, '').catch(() => {})
  expect(found).toEqual(expected)
}
