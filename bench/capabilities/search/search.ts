import { isDeepStrictEqual } from 'node:util'
import { searchPath } from '../../../src/capabilities/search/rest'
import { matcherOf, searchedWords } from '../../../src/capabilities/search/words'
import { type Filled, fill } from '../../filling'
import { load } from '../../load'
import { figure, filledAfter, growthOptions, type Measured, printGrowth, share, started } from '../../measured'
import { get } from '../../paths'
import { machine, median, quantile } from '../../report'
import { cpuMicrosOf, type Server } from '../../server'

// Measures searches as the number of sessions grows. Fails if the sessions found are not exactly those with the words.

const { seconds, ...options } = growthOptions()
const settlingSeconds = seconds / 4
/** Minimum number of responses, however long they take. */
const answersAtLeast = 3

/** Returns a unique label of 43 characters. */
const labelOf = (n: number): string =>
  `Spring ${2000 + (n % 50)}, Year ${10 + (n % 4)} reading, group ${String(n).padStart(7, '0')}`

/** Texts to find. */
const finds: { name: string; text(filled: Filled[]): string }[] = [
  { name: 'find a word of one label', text: filled => `Group ${filled.find(({ label }) => label)?.label?.slice(-7)}` },
  { name: 'find words of every hundredth label', text: () => 'spríng 2025, year 11' },
  { name: 'find a word of every label', text: () => 'reading' },
  { name: 'find two common words that are seldom together', text: () => 'year 12, 2001' },
  { name: 'find a word of no label', text: () => 'autumn' },
]
const foundAtMost = 5

/** Returns the median and 99th percentile of the response time, and the CPU time, of a search. */
async function findCost(text: string, filled: Filled[], server: Server, pids: number[]): Promise<string> {
  const asked = get(`${searchPath}?text=${encodeURIComponent(text)}&limit=${foundAtMost}`)
  const isMatch = matcherOf(searchedWords(text))
  const matches = filled.filter(
    session => session.label && isMatch(session.label, session.mentor_id, session.organisation_id),
  )
  const expected = matches.slice(-foundAtMost).map(({ session_id }) => session_id)
  const times: number[] = []
  let sent = 0
  function* requests(until: number) {
    for (times.length = 0; times.length < answersAtLeast || performance.now() < until; ) {
      sent = performance.now()
      yield asked
    }
  }
  const answered = ({ status, body }: { status: number; body: string }): void => {
    times.push(performance.now() - sent)
    const { sessions } = JSON.parse(body) as { sessions: { session_id: string }[] }
    const found = sessions.map(({ session_id }) => session_id).reverse()
    if (status !== 200 || !isDeepStrictEqual(found, expected))
      throw new Error(`${text} is answered by ${status} ${body}`)
  }
  await load(server.port, requests(performance.now() + settlingSeconds * 1_000), answered, 1)
  const before = pids.map(cpuMicrosOf)
  await load(server.port, requests(performance.now() + seconds * 1_000), answered, 1)
  const spent = pids.reduce((sum, pid, i) => sum + cpuMicrosOf(pid) - (before[i] as number), 0)
  return `${figure(median(times))} (${figure(quantile(times, 0.99))}) ms, ${share(spent, times.length)} µs`
}

/** Returns one cell for each row of the table. */
async function cellsOf(measured: Measured, count: number): Promise<Map<string, string>> {
  const cells = new Map<string, string>()
  const store = await measured.open()
  const filled = await fill(store, count, labelOf)
  await measured.flush?.()
  await store.end()
  process.stderr.write(`${count} sessions\n`)
  const server = await started(measured)
  // A search also needs the totals of mentors and organisations.
  await filledAfter(server)
  const pids = [server.pid, ...(measured.database === undefined ? [] : [measured.database])]
  for (const { name, text } of finds) cells.set(name, await findCost(text(filled), filled, server, pids))
  await server.stop()
  return cells
}

const titleOf = ({ name }: Measured): string =>
  `${name}; one client, ${seconds} s a search: median (99th percentile) of the response time, CPU time; ${machine()}`

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
printGrowth(options, titleOf, cellsOf).catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
