import { isDeepStrictEqual } from 'node:util'
import pino from 'pino'
import type { Summary } from '../../../src/capabilities/totals/model'
import { summariesPath } from '../../../src/capabilities/totals/rest'
import { Totals } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import { sessionsPath } from '../../../src/rest/resources/sessions'
import { freePort } from '../../../test/support/port'
import { until } from '../../../test/support/until'
import { fill } from '../../filling'
import { type Asked, load } from '../../load'
import { figure, filledAfter, growthOptions, type Measured, printGrowth, share } from '../../measured'
import { askGraphql, get } from '../../paths'
import { machine } from '../../report'
import { cpuMicrosOf, residentMb, Server } from '../../server'

// Measures answers about all sessions as their number grows. Fails if an answer differs from totals that were filled from
// all sessions.

const { seconds, ...options } = growthOptions()
const settlingSeconds = seconds / 4
/** Minimum number of responses, however long they take. */
const answersAtLeast = 3
const months = 12
const limit = 20

const trendQuery = `{ trend(last: ${months}) { month results amounts { currency results programmeCost timeValue } } }`

interface Figures {
  count: number
  summary: Summary
  trend: { month: string; results: number; amounts: object[] }[]
}

/** Returns the totals of all sessions in the store, in the form that GraphQL shows. */
async function addedUp(store: Store): Promise<Figures> {
  // Fill the totals from the sessions, not from a checkpoint.
  await store.totals.dropCheckpoints()
  const totals = new Totals({ store, log: pino({ level: 'silent' }) })
  // Filling the totals does not keep a process running.
  const running = setInterval(() => {}, 1_000)
  totals.reset('\uffff')
  await until(() => totals.status.state === 'kept', 600_000, 'the totals')
  const [trend, count, summary] = await Promise.all([totals.trend({}, months), totals.count({}), totals.summary({})])
  totals.end()
  clearInterval(running)
  return {
    count,
    summary,
    trend: trend.map(({ month, results, amounts }) => ({
      month: `${month}-01`,
      results,
      amounts: amounts.map(({ currency, results, programme_cost, time_value }) => ({
        currency,
        results,
        programmeCost: programme_cost,
        timeValue: time_value,
      })),
    })),
  }
}

interface Question {
  name: string
  asked: Asked
  isRight(answer: unknown, figures: Figures): boolean
}

const questions: Question[] = [
  {
    name: 'page 1 with its total',
    asked: get(`${sessionsPath}?limit=${limit}`),
    isRight: (answer, { count }) => (answer as { pagination: { total: number } }).pagination.total === count,
  },
  {
    name: 'the summary',
    asked: get(summariesPath),
    isRight: (answer, { summary }) =>
      isDeepStrictEqual({ ...(answer as Summary), calculations: 0 }, { ...summary, calculations: 0 }),
  },
  {
    name: `the trend of ${months} months`,
    asked: askGraphql(trendQuery, {}),
    isRight: (answer, { trend }) => isDeepStrictEqual((answer as { data: { trend: unknown } }).data.trend, trend),
  },
]

/** Returns the CPU time per answer over all these processes, in microseconds. */
async function costOf(pids: number[], answer: (until: number) => Promise<number>): Promise<string> {
  await answer(performance.now() + settlingSeconds * 1_000)
  const before = pids.map(cpuMicrosOf)
  const count = await answer(performance.now() + seconds * 1_000)
  return share(
    pids.reduce((sum, pid, i) => sum + cpuMicrosOf(pid) - (before[i] as number), 0),
    count,
  )
}

async function asking({ asked, isRight }: Question, server: Server, figures: Figures, until: number): Promise<number> {
  let count = 0
  function* requests() {
    while (count < answersAtLeast || performance.now() < until) yield asked
  }
  await load(
    server.port,
    requests(),
    ({ status, body }) => {
      count++
      if (status === 200 && isRight(JSON.parse(body), figures)) return
      throw new Error(`${JSON.stringify(asked)} is answered by ${status} ${body}`)
    },
    1,
  )
  return count
}

/** Starts a server, waits until it has filled its totals, and adds what that cost. */
async function filledServer({ place }: Measured, from: string, cells: Map<string, string>): Promise<Server> {
  const metricsPort = await freePort()
  const server = await Server.start('dist/src/main.js', { ...place.env, METRICS_PORT: String(metricsPort) })
  const before = residentMb(server.pid)
  const cpuBefore = cpuMicrosOf(server.pid)
  const listeningMs = await filledAfter(server)
  const cpu = figure((cpuMicrosOf(server.pid) - cpuBefore) / 1_000)
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  const [, source, seconds] = /totals_filled_seconds\{source="(\w+)"\} (\S+)/.exec(metrics) ?? []
  if (source !== from) throw new Error(`the totals were filled from ${source}, not ${from}`)
  const named = from === 'checkpoint' ? 'from a checkpoint' : 'from all sessions'
  const times = [Number(seconds) * 1_000, listeningMs].map(figure)
  cells.set(`time to fill the totals ${named}, since the store is open, and since it listens`, `${times.join(', ')} ms`)
  cells.set(`${named}: the server's CPU time since it listens`, `${cpu} ms`)
  cells.set(`${named}: memory after filling, and before`, `${figure(residentMb(server.pid))}, ${figure(before)} MB`)
  return server
}

/** Returns one cell for each row of the table. */
async function cellsOf(measured: Measured, count: number): Promise<Map<string, string>> {
  const cells = new Map<string, string>()
  let store = await measured.open()
  const filled = await fill(store, count)
  await measured.flush?.()
  const figures = await addedUp(store)
  const mentors = new Set(filled.map(({ mentor_id }) => mentor_id)).size
  process.stderr.write(`${count} sessions of ${mentors} mentors\n`)
  const database = measured.database === undefined ? [] : [measured.database]
  await store.end()

  const server = await filledServer(measured, 'missing', cells)
  for (const question of questions) {
    const answer = (until: number) => asking(question, server, figures, until)
    cells.set(question.name, `${await costOf([server.pid, ...database], answer)} µs`)
  }
  await server.stop()
  // The stop wrote a checkpoint. With fewer than 1,000 sessions, it writes none.
  if (count >= 1_000) await (await filledServer(measured, 'checkpoint', cells)).stop()
  store = await measured.open()
  if (!isDeepStrictEqual((await addedUp(store)).trend, figures.trend)) throw new Error('the store holds something else')
  await store.end()
  return cells
}

const titleOf = ({ name }: Measured): string =>
  `${name}; one client, ${seconds} s a question: processors' time of an answer; ${machine()}`

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
printGrowth(options, titleOf, cellsOf).catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
