import type { Kind } from './kinds'
import type { Stage } from './stage'

/** The outcome of one kind of fault. */
export interface Row {
  /** One sentence for each breach. */
  broken: string[]
  cells: string[]
}

const head = [
  'fault',
  'times',
  'writes acknowledged',
  'deliveries',
  'lost',
  'duplicated',
  'out of order',
  'wrong responses',
  'hung',
  'not writable',
  'silence of writers',
  'silence of subscribers',
  'election',
  'until the set commits',
  'writers after that',
  'subscribers after that',
  'SIGTERM to exit',
]

const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1_000).toFixed(1)

function medianAndWorst(values: number[]): string {
  if (values.length === 0) return ''
  const sorted = values.toSorted((a, b) => a - b)
  return `${seconds(sorted[Math.floor(sorted.length / 2)])} / ${seconds(sorted.at(-1))} s`
}

/** Returns the longest interval without any of `times` that overlaps the time from `at` to `end`. */
function silence(times: number[], at: number, end: number): number {
  const before = times.findLast(time => time < at) ?? at
  const within = [before, ...times.filter(time => time >= at && time < end), end]
  return within.reduce((longest, time, i) => Math.max(longest, time - (within[i - 1] ?? time)), 0)
}

/** Patterns of the checker's sentences, by kind of breach. */
const words = {
  lost: /\blost\b/,
  duplicated: /\bduplicated\b/,
  swapped: /\breordered\b|another order|not after the one before/,
}

export function rowOf(kind: Kind, times: number, stage: Stage, end: number): Row {
  const { checker, subscribers, writers } = stage.load
  const { rounds, broken, unwritable } = stage
  const lives = { writers: writers.answered, subscribers: subscribers.map(({ heard }) => heard.times) }
  const silences = (of: number[][]) =>
    rounds.flatMap(({ at }, i) => of.map(times => silence(times, at, rounds[i + 1]?.at ?? end)))
  const ofTheSet = rounds.flatMap(({ at, elected, commits }) =>
    elected === undefined || commits === undefined ? [] : { at, elected, commits },
  )
  /** Returns the wait of each client, from the moment when the replica set could commit. */
  const afterThat = (of: number[][]) =>
    ofTheSet.flatMap(({ commits }) => of.map(times => (times.find(time => time >= commits) ?? end) - commits))
  const { writes, deliveries } = checker.counts
  const said = Object.values(words).map(word => broken.filter(one => word.test(one)).length)
  const wrong = broken.length - said.reduce((sum, count) => sum + count, 0)
  const counts = [times, writes, deliveries, ...said, wrong, writers.hung.length, unwritable.length]
  const cells = [
    kind.title,
    ...counts.map(count => count.toLocaleString('en')),
    medianAndWorst(silences(lives.writers)),
    medianAndWorst(silences(lives.subscribers)),
    medianAndWorst(ofTheSet.map(({ at, elected }) => elected - at)),
    medianAndWorst(ofTheSet.map(({ at, commits }) => commits - at)),
    medianAndWorst(afterThat(lives.writers)),
    medianAndWorst(afterThat(lives.subscribers)),
    medianAndWorst(stage.drains),
  ]
  return { broken: [...broken, ...writers.hung.map(one => `hung: ${one}`), ...unwritable], cells }
}

export const table = (rows: Row[]): string =>
  [head, head.map(() => '---'), ...rows.map(({ cells }) => cells)].map(cells => `| ${cells.join(' | ')} |`).join('\n')
