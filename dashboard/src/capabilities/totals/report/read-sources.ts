import type { Filter } from '../../../route'
import type { Inputs, ListedSession } from '../../../types'
import { sourcesQuery } from './documents'
import { type ReportRows, readRows, type SendQuery } from './queries'

/** A session and the value per hour of its result. */
interface ValuedSession extends Pick<ListedSession, 'id'> {
  result: { inputs: Pick<Inputs, 'currency' | 'valueSource' | 'costPerHour'> } | null
}

/** A source of values per hour, and the values in all results that state this source. */
export interface ValueSource {
  /** Null represents the results that state no source. */
  source: string | null
  results: number
  /** Distinct values per hour, keyed by currency, in ascending order. */
  values: Map<string | null, number[]>
}

export interface ValueSources {
  /** The sources, sorted by their number of results, highest first. Results without a source come last. */
  sources: ValueSource[]
  /**
   * Number of sessions that were read, newest first (`read`), and number of all sessions that match the filter
   * (`total`).
   */
  read: number
  total: number
}

const maxRead = 1_000

/** Minimum time in ms between two reads of the value sources. A read takes up to ten requests. */
export const minSourcesGapMs = 30_000

/** Returns the sources of the values per hour in the newest sessions that match a filter. */
export async function readSources(filter: Filter, send: SendQuery): Promise<ValueSources> {
  const { rows, total }: ReportRows<ValuedSession> = await readRows(sourcesQuery, { filter }, maxRead, send)
  const found = new Map<string | null, ValueSource>()
  for (const { result } of rows) {
    if (!result) continue
    const { valueSource: source, currency, costPerHour } = result.inputs
    const entry = found.get(source) ?? { source, results: 0, values: new Map<string | null, number[]>() }
    found.set(source, entry)
    entry.results++
    const values = entry.values.get(currency) ?? []
    if (!values.includes(costPerHour))
      entry.values.set(
        currency,
        [...values, costPerHour].sort((a, b) => a - b),
      )
  }
  const sources = [...found.values()].sort(
    (a, b) =>
      Number(a.source === null) - Number(b.source === null) ||
      b.results - a.results ||
      compareTexts(a.source, b.source),
  )
  for (const source of sources) source.values = new Map([...source.values].sort(([a], [b]) => compareTexts(a, b)))
  return { sources, read: rows.length, total }
}

const compareTexts = (a: string | null, b: string | null): number => {
  const [x, y] = [a ?? '', b ?? '']
  return x < y ? -1 : Number(x > y)
}
