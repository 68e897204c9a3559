import { type Filled, fill } from './filling'
import { type Answer, load } from './load'
import { figure, filledAfter, growthOptions, type Measured, printGrowth, share, started } from './measured'
import { type Place, requireHeld } from './places'
import { type Ask, type Path, pathsOver } from './questions'
import { machine, median, quantile } from './report'
import { cpuMicrosOf, residentMb, type Server } from './server'

// Measures this server's paths as the number of sessions grows. One client sends one request at a time. Fails if a
// response differs from the generated data, or if the store does not contain the writes.

const { seconds, ...options } = growthOptions()
/** Warm-up in seconds before a path is measured. It compiles the code and fills the caches. */
const settlingSeconds = seconds / 4
/** Minimum number of responses, however long they take. */
const answersAtLeast = 5
const starts = 3

/** Sends one request after the other. Returns response time and CPU time per response. */
async function costOf(ask: Ask, server: Server, database?: number): Promise<string> {
  const times: number[] = []
  let asking = ask()
  let sent = 0
  function* requests(seconds: number) {
    const until = performance.now() + seconds * 1_000
    for (times.length = 0; times.length < answersAtLeast || performance.now() < until; ) {
      asking = ask()
      sent = performance.now()
      yield asking.asked
    }
  }
  function answered({ status, body }: Answer): void {
    times.push(performance.now() - sent)
    if (status !== 200 || !asking.isRight(JSON.parse(body))) {
      throw new Error(`${JSON.stringify(asking.asked)} is answered by ${status} ${body}`)
    }
  }
  await load(server.port, requests(settlingSeconds), answered, 1)
  const processes = database === undefined ? [server.pid] : [server.pid, database]
  const before = processes.map(cpuMicrosOf)
  await load(server.port, requests(seconds), answered, 1)
  const shares = processes.map((pid, i) => share(cpuMicrosOf(pid) - (before[i] as number), times.length))
  return `${figure(median(times))} (${figure(quantile(times, 0.99))}) ms, ${shares.join(' + ')} µs`
}

/** Returns one cell for each row of the table. */
async function cellsOf(measured: Measured, count: number): Promise<Map<string, string>> {
  const began = performance.now()
  const store = await measured.open()
  const filled = await fill(store, count)
  await store.end()
  await measured.flush?.()
  process.stderr.write(`${count} sessions, filled in ${figure((performance.now() - began) / 1_000)} s\n`)

  const cells = new Map<string, string>()
  const paths = pathsOver(filled)
  let server = await started(measured)
  cells.set('from listening until the totals are filled', `${figure(await filledAfter(server))} ms`)
  for (const { name, ask } of paths) cells.set(name, await costOf(ask, server, measured.database))
  const inMemory = (pid: number): string => `${figure(residentMb(pid))} MB`
  cells.set('memory after these requests', inMemory(server.pid))

  const startTimes: number[] = []
  for (let i = 0; i < starts; i++) {
    await server.stop()
    const began = performance.now()
    server = await started(measured)
    startTimes.push(performance.now() - began)
  }
  cells.set('from start until listening', `${figure(median(startTimes))} ms`)
  cells.set('memory after the start', inMemory(server.pid))
  if (measured.database) cells.set('memory of MongoDB', inMemory(measured.database))
  await server.stop()
  await requireAll(filled, paths, measured.place)
  return cells
}

async function requireAll(filled: Filled[], paths: Path[], place: Place): Promise<void> {
  const written = paths.reduce((sum, path) => sum + path.transitions, 0)
  const transitions = filled.reduce((sum, { version }) => sum + version, written)
  await requireHeld('the server', { sessions: filled.length, versions: transitions, transitions }, place)
}

const titleOf = ({ name, database }: Measured): string =>
  `${name}; one client, ${seconds} s a path: median (p99), processors' time of the server${database ? ' + of MongoDB' : ''}; ${machine()}`

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
printGrowth(options, titleOf, cellsOf).catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
