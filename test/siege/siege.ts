import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { inspect, parseArgs } from 'node:util'
import { burst } from '../support/burst'
import { Checker } from '../support/checker'
import { Instance, mainProgram } from '../support/instance'
import { Load } from '../support/load'
import { randomFrom } from '../support/random'
import { start as startMongod, stop as stopMongod } from '../support/setup'
import { type StoreKind, stores } from '../support/stores'
import { Subscriber } from '../support/subscriber'
import { feedPath, transportNames } from '../support/transports'
import { within } from '../support/until'
import type { Orders, Report } from './attack'
import { attackers } from './attackers'
import { besiegedByNeighbours } from './fairness'
import { fullSession } from './full'
import { noisyNeighbours } from './noisy-neighbours'
import type { Probe } from './prober'
import { Readers } from './readers'

// Honest clients and attackers of every kind, on a server in its own process. It fails if the process dies, if /healthz
// is slow, if memory exceeds its bound, if an honest client gets a wrong response, or if the shutdown is not orderly.

const healthzMs = 1_000
const heapMb = 256
/** Maximum growth of the process's memory over its level with honest clients alone, in MB. */
const growthMb = 300
const stopSeconds = 3
/** Time that the exit of a process may take beyond its own deadline on a busy machine, in ms. */
const exitMs = 2_000

/** Time limit for honest clients, in ms. Their own limit of a minute comes first, and names what is missing. */
const settleMs = 65_000

/** Share of `--seconds` for which each noisy neighbour is measured. */
const neighbourShare = 1 / 12

const warmUpMs = 3_000
const history = 10_000
const limits = {
  REQUESTS_PER_SECOND: '2000',
  CONNECTIONS_PER_ADDRESS: '150',
  SUBSCRIPTIONS_PER_CONNECTION: '50',
  SHUTDOWN_SECONDS: String(stopSeconds),
}

interface Turn {
  worstMs: number
  mostMb: number
  errors: number
}

const rssMb = (pid: number): number => {
  try {
    const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Math.round(Number(kb ?? 0) / 1_024)
  } catch {
    return 0
  }
}

/** Returns the last output of a dying process, without the native stack trace. */
const lastWords = (errors: string): string =>
  errors
    .replace(/----- Native stack trace.*/s, '')
    .replaceAll(/\n\s*\n/g, '\n')
    .slice(-1_500)

const forked = (file: string, ...given: string[]): ChildProcess => fork(join(__dirname, file), given)

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** One server under attack. Records the figures of each turn of the attackers, and one sentence for each breach. */
class Siege {
  readonly broken: string[] = []
  readonly turns = new Map<string, Turn>()
  attempts: Record<string, number> = {}
  turn = 'honest clients alone'
  levelMb = 0
  #gone = false
  #errorsSeen = 0
  readonly #told = new Set<string>()
  #attackersLeft = false
  #stopping = false

  constructor(readonly server: Instance) {
    void server.ended.then(code => {
      if (!this.#stopping) this.break(`It died with ${code}: ${this.turn}. ${lastWords(server.errors)}`)
      this.#gone = true
    })
  }

  /** Records a breach, unless the process is gone. */
  break(sentence: string): void {
    if (!this.#gone && !this.broken.includes(sentence)) this.broken.push(sentence)
  }

  /** Asks the server to stop. It must exit with 0 and in time. */
  async stop(): Promise<void> {
    if (this.#gone) return
    this.turn = 'the stop'
    this.#stopping = true
    const began = performance.now()
    const code = await Promise.race([this.server.stop(), wait(stopSeconds * 1_000 + exitMs, 'still running')])
    const took = Math.round(performance.now() - began)
    if (code !== 0) this.broken.push(`SIGTERM: ${code === null ? 'a signal' : code} after ${took} ms.`)
    else process.stdout.write(`SIGTERM ended it with 0 after ${took} ms.\n`)
  }

  /** Waits for a result of the honest clients. A delay over the limit is a breach. */
  async asked<T>(what: string, outcome: Promise<T>): Promise<T | undefined> {
    try {
      return await within(settleMs, what, Promise.race([outcome, this.server.ended.then(() => undefined)]))
    } catch (error) {
      const { message, cause } = error as Error
      this.break(`${message}${cause ? `, ${inspect(cause)}` : ''}: ${what}.`)
      return undefined
    }
  }

  get now(): Turn {
    const turn = this.turns.get(this.turn) ?? { worstMs: 0, mostMb: 0, errors: 0 }
    this.turns.set(this.turn, turn)
    return turn
  }

  /** Checks memory and the log. Returns false if the process is gone. */
  look(): boolean {
    const { now, turn } = this
    if (this.#gone) return false
    now.mostMb = Math.max(now.mostMb, rssMb(this.server.child.pid as number))
    if (this.levelMb > 0 && now.mostMb > this.levelMb + growthMb) {
      this.break(`Memory grew from ${this.levelMb} MB by more than ${growthMb} MB: ${turn}.`)
    }
    const errors = this.server.lines.filter(({ level }) => level === 'error' || level === 'fatal')
    for (const line of errors.slice(this.#errorsSeen)) {
      now.errors++
      const { message } = (line.err ?? {}) as { message?: string }
      if (this.#told.has(String(message))) continue
      this.#told.add(String(message))
      this.break(`The log has an error: ${turn}: ${JSON.stringify(line).slice(0, 600)}`)
    }
    this.#errorsSeen = errors.length
    return true
  }

  probed({ waitedMs, status }: Probe): void {
    const { now, turn } = this
    now.worstMs = Math.max(now.worstMs, waitedMs)
    if (status !== undefined && status !== 200) this.break(`/healthz answered ${status}: ${turn}.`)
    if (waitedMs > healthzMs) this.break(`/healthz waited more than ${healthzMs} ms: ${turn}.`)
  }

  /** Follows the attackers' process, which must run as long as the siege. Resolves when they begin. */
  follow(child: ChildProcess): Promise<unknown> {
    child.on('message', (report: Report) => {
      if ('turn' in report) this.turn = report.turn
      else this.attempts = report.attempts
    })
    child.once('exit', () => {
      if (!this.#attackersLeft && !this.#gone) this.break('The attackers ended by a fault of their own.')
    })
    return Promise.race([once(child, 'message'), once(child, 'exit')])
  }

  async leave(child: ChildProcess): Promise<void> {
    this.#attackersLeft = true
    await ended(child)
  }

  table(): string {
    const names = [...new Set([...this.turns.keys(), ...Object.keys(this.attempts)])]
    const width = Math.max(...names.map(name => name.length))
    const cells = (name: string, ...rest: (string | number)[]): string =>
      `${name.padEnd(width)} ${rest.map(cell => String(cell).padStart(10)).join(' ')}`
    const rows = names.map(name => {
      const { worstMs, mostMb, errors } = this.turns.get(name) ?? { worstMs: '', mostMb: '', errors: '' }
      return cells(name, this.attempts[name] ?? '', worstMs, mostMb, errors)
    })
    return [cells('in this turn', 'attempts', 'healthz ms', 'RSS MB', 'errors'), ...rows, this.#longestStall()].join(
      '\n',
    )
  }

  /** Returns the log line of the longest stall of the event loop, by CPU time. */
  #longestStall(): string {
    const stalls = this.server.lines.filter(({ cpu_ms, ms }) => cpu_ms !== undefined && ms !== undefined)
    const own = ({ cpu_ms, ms }: Record<string, unknown>): number => Math.min(Number(cpu_ms), Number(ms))
    const [longest] = stalls.toSorted((a, b) => own(b) - own(a))
    return `longest of ${stalls.length} stalls: ${JSON.stringify(longest) ?? 'none'}`
  }
}

async function besiege(
  kind: StoreKind,
  seconds: number,
  seed: number,
  kinds: string[],
  program: string,
): Promise<string[]> {
  const database = await kind.newDatabase()
  const server = await Instance.start({ ...database.env, ...limits }, [`--max-old-space-size=${heapMb}`], program)
  process.once('exit', () => server.child.kill('SIGKILL'))
  const siege = new Siege(server)
  const { url } = server
  const pid = server.child.pid as number
  const children: ChildProcess[] = []
  let load: Load | undefined
  let readers: Readers | undefined
  try {
    const { next } = (await (await fetch(url + feedPath)).json()) as { next: string }
    await burst(url, history, new Checker())
    const full = await Promise.all([fullSession(url), fullSession(url)])
    load = await Load.start(() => [url], { count: 8, pauseMs: 30, seed })
    const random = randomFrom(seed)
    // At the end they stay connected. The check then waits for the writes, not for their reconnection.
    let isOver = false
    const cutAfter = (): number => (isOver ? Number.POSITIVE_INFINITY : 1 + Math.floor(random() * 200))
    for (const transport of transportNames) {
      const travel = { next: () => ({ url, transport }), cutAfter }
      load.subscribers.push(new Subscriber(`${transport} that comes and goes`, load.checker, travel))
    }
    const staying = load.subscribers.slice(0, transportNames.length)
    readers = new Readers(url, 2)

    const prober = forked('prober.js', url, String(pid))
    children.push(prober)
    prober.on('message', (probe: Probe) => siege.probed(probe))
    const watching = async (ms: number): Promise<void> => {
      const end = performance.now() + ms
      while (performance.now() < end && siege.look()) await wait(100)
    }
    await watching(warmUpMs)
    siege.levelMb = siege.now.mostMb

    const aloneMs = kinds.length > 1 ? (seconds * 500) / kinds.length : 0
    const orders: Orders = { target: { url, pid, cursor: next, full }, seed, aloneMs, kinds }
    const attack = forked('attack.js', JSON.stringify(orders))
    children.push(attack)
    await siege.follow(attack)
    await watching(seconds * 1_000)
    isOver = true

    await siege.asked('the honest readers to be answered', readers.stop())
    const faults = await siege.asked('the honest writers and subscribers to have everything', load.verdict(kind.name))
    const kept = await siege.asked('what the honest writers wrote', load.writers.verify(url))
    for (const sentence of [...(faults ?? []), ...(kept ?? []), ...readers.wrong]) siege.break(sentence)
    if (load.writers.unanswered > 0) siege.break(`${load.writers.unanswered} writes of honest clients had no answer.`)
    for (const { heard, lost } of staying) {
      if (lost.length > 0) siege.break(`${heard.name} was cut off ${lost.length} times, by ${inspect(lost[0])}.`)
    }
    siege.look()
    await ended(prober)
    await siege.stop()
    await siege.leave(attack)
  } finally {
    await server.kill()
    await Promise.all(children.map(ended))
    await Promise.all([load?.stop(), readers?.stop()])
    await database.drop()
    process.stdout.write(`${siege.table()}\n`)
  }
  return siege.broken
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      store: { type: 'string', default: 'both' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string' },
      build: { type: 'string' },
    },
  })
  const seed = Number(values.seed)
  const seconds = Number(values.seconds)
  const program = values.build === undefined ? mainProgram : resolve(values.build, 'dist/src/main.js')
  const parts = (values.only ?? '').split(',')
  const named = (all: object): string[] => Object.keys(all).filter(name => parts.some(part => name.includes(part)))
  const [kinds, neighbours] = [named(attackers), named(noisyNeighbours)]
  if (kinds.length + neighbours.length === 0) throw new Error(`no attacker has ${values.only} in its name`)
  const names: string[] = values.store === 'both' ? stores.map(({ name }) => name) : [values.store]
  if (names.includes('mongo')) await startMongod()
  let good = true
  try {
    const judge = (broken: string[]): void => {
      for (const sentence of broken) process.stdout.write(`RED: ${sentence}\n`)
      if (broken.length === 0) process.stdout.write('It stood.\n')
      good &&= broken.length === 0
    }
    const isAvailable = (name: string): boolean => name === 'embedded' || process.env.TEST_MONGODB_URI !== undefined
    const chosen = stores.filter(({ name }) => names.includes(name) && isAvailable(name))
    if (chosen.length === 0) throw new Error(`there is no store ${values.store}`)
    for (const kind of kinds.length > 0 ? chosen : []) {
      process.stdout.write(`\nSiege of the ${kind.name} store: ${seconds} s, seed ${seed}\n`)
      judge(await besiege(kind, seconds, seed, kinds, program))
    }
    for (const kind of neighbours.length > 0 ? chosen : []) {
      process.stdout.write(`\nNoisy neighbours on the ${kind.name} store\n`)
      judge(await besiegedByNeighbours(kind, seconds * 1_000 * neighbourShare, neighbours, program))
    }
  } finally {
    await stopMongod()
  }
  process.exit(good ? 0 : 1)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
