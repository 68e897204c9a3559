import { useState } from 'preact/hooks'
import { currencyFormats, formatNumber } from '../../../format'
import type { Filter } from '../../../route'
import { ErrorMessage } from '../../../views/error-message'
import { SumsTable } from '../../../views/sums-table'
import { words } from '../../../words'
import { useReportQuery } from './queries'
import { minSourcesGapMs, readSources, type ValueSource } from './read-sources'
import { reportWords, sourcesWords } from './words'

const texts = sourcesWords

const initiallyListed = 10
/**
 * Maximum number of values per currency that are listed individually. If there are more values, only the lowest and the
 * highest are shown.
 */
const maxListed = 3

/** Lists the sources of the values per hour in a report, unless there are no results. */
export function Sources({ filter }: { filter: Filter }) {
  const [all, setAll] = useState(false)
  const { value, isStale, error } = useReportQuery(
    JSON.stringify(filter),
    send => readSources(filter, send),
    minSourcesGapMs,
  )
  if (!value || value.sources.length === 0) return <ErrorMessage text={isStale ? null : error} />
  const { sources, read, total } = value
  return (
    <section class="card" aria-busy={isStale}>
      <h2>{texts.heading}</h2>
      <ErrorMessage text={isStale ? null : error} />
      <SumsTable
        label={texts.heading}
        columns={[
          {
            name: texts.source,
            isText: true,
            cell: ({ source }: ValueSource) =>
              source === null ? <span class="soft">{texts.none}</span> : <bdi>{source}</bdi>,
          },
          {
            name: reportWords.results,
            cell: ({ results }) => formatNumber(results),
            total: formatNumber(sources.reduce((sum, { results }) => sum + results, 0)),
          },
          {
            name: texts.values,
            cell: ({ values }) => [...values].map(valuesText).map(text => <div key={text}>{text}</div>),
          },
        ]}
        rows={all ? sources : sources.slice(0, initiallyListed)}
        keyOf={({ source }) => source ?? ''}
        total={read < total || sources.length === 1 ? undefined : reportWords.total}
      />
      {!all && sources.length > initiallyListed && (
        <div class="more">
          <button type="button" onClick={() => setAll(true)}>
            {words.showAll(sources.length)}
          </button>
        </div>
      )}
      {read < total && <p class="soft">{texts.newest(read, total)}</p>}
    </section>
  )
}

function valuesText([currency, values]: [string | null, number[]]): string {
  const texts = values.map(currencyFormats(currency).price)
  if (texts.length <= maxListed) return texts.join(', ')
  return sourcesWords.range(texts[0] ?? '', texts.at(-1) ?? '', texts.length)
}
