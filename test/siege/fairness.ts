import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Instance } from '../support/instance'
import { KeyServer } from '../support/key-server'
import { NameServer } from '../support/name-server'
import type { StoreKind } from '../support/stores'
import { within } from '../support/until'
import { type Filled, fill, honestOrganisation, noisyOrganisation } from './filling'
import { type HonestOperation, type HonestTarget, honestReceiver, type Measured, type Measuring } from './honest'
import type { NoisyTarget, Outcomes } from './noisy-client'
import { looped, noisyNeighbours } from './noisy-neighbours'
import { attackersAddresses } from './wire'

// One noisy neighbour at a time, and honest clients beside it, on a server in its own process. It fails if an honest
// client waits too long or is refused, or if the server does not recover.

/**
 * Maximum of the 99th percentile of an honest client's latency, in ms. A catch-up reads the history ten times, for 9,900
 * commits. After a restart, MongoDB reads all of them from its log: that alone takes up to 400 ms.
 */
const boundMs = (operation: string): number => (operation === 'a catch-up by WebSocket' ? 2_000 : 1_000)
const aloneMs = 800
/** Time for an attack to reach full force after its first outcome, in ms. */
const rampMs = 800
/** Time limit for a process of the siege to report, beyond what it measures, in ms. */
const reportMs = 30_000
/** Time in which the server must serve honest clients as before, after an attack. */
const recoveryMs = 5_000
const recoveryStepMs = 500
/** Time after which the siege gives up waiting for the recovery. */
const givenUpMs = 60_000

const hourSeconds = 3_600
const noisyPeers = 8

/** Statuses of requests that the server does not understand, so that they attack nothing. And what it must not do. */
const faultyOutcomes = new Set(['400', '401', '404', looped])

const settings = {
  FEDERATION: 'on',
  CONNECTIONS_PER_ADDRESS: '400',
  WEBHOOKS: 'on',
  WEBHOOKS_ALLOW_PRIVATE: 'on',
}

/** Lets the server ask the name server of the siege. */
const preloaded = ['--require', join(__dirname, 'name-server.js')]

interface Row {
  attack: string
  store: string
  operation: string
  alone: string
  beside: string
  refusals: number
}

/** Returns the smallest value that is at least as large as this share of all values. Undefined if there is none. */
function percentile(times: number[], share: number): number | undefined {
  return times.toSorted((a, b) => a - b)[Math.ceil(share * times.length) - 1]
}

/** Starts a process, and gives it its orders. */
function forked(file: string, orders: object): ChildProcess {
  const child = fork(join(__dirname, file))
  child.send(orders)
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** The attacks on one store. Records one row for each honest operation, and one sentence for each breach. */
class Fairness {
  readonly broken: string[] = []
  readonly rows: Row[] = []
  #filled: Filled | undefined

  constructor(
    readonly kind: StoreKind,
    readonly ms: number,
    readonly program: string,
  ) {}

  async run(names: string[]): Promise<void> {
    const database = await this.kind.newDatabase()
    const issuer = await new KeyServer().start()
    const nameServer = await NameServer.start(name => (name === honestReceiver ? ['127.0.0.1'] : 'silent'))
    const env = { ...database.env, NAME_SERVER: nameServer.address }
    try {
      await this.#serve(names, env, issuer)
      const byAddress = names.filter(name => noisyNeighbours[name]?.alsoByAddress)
      if (byAddress.length > 0) await this.#serve(byAddress, env)
    } finally {
      await Promise.all([issuer.stop(), nameServer.stop()])
      await database.drop()
    }
  }

  /** Runs these attacks on one server. */
  async #serve(names: string[], env: Record<string, string>, issuer?: KeyServer): Promise<void> {
    const tokens = issuer && { AUTH_ISSUER: issuer.url, AUTH_AUDIENCE: 'sessions' }
    const server = await Instance.start({ ...settings, ...env, ...tokens }, preloaded, this.program)
    process.once('exit', () => server.child.kill('SIGKILL'))
    const { url } = server
    const pid = server.child.pid as number
    const headersOf = (claims: object): Record<string, string> =>
      (issuer && { Authorization: issuer.bearer(claims) }) || {}
    let honest: ChildProcess | undefined
    try {
      this.#filled ??= await fill(url, headersOf({ sub: 'filling', role: 'admin' }))
      const filled = this.#filled
      const operations = [...new Set(names.flatMap(name => noisyNeighbours[name]?.beside ?? []))]
      const authorizations = operations.map(operation => {
        const claims = { sub: operation, role: 'coordinator', organisation_id: honestOrganisation }
        return [operation, headersOf(claims).Authorization]
      })
      const target: HonestTarget = {
        url,
        pid,
        organisation_id: honestOrganisation,
        cursor: filled.honestCursor,
        sessions: filled.honest,
        authorizations: Object.fromEntries(authorizations),
      }
      honest = forked('honest.js', target)
      const [localAddress = ''] = attackersAddresses
      for (const name of names) {
        const { role = 'reader', expiresInSeconds = hourSeconds } = noisyNeighbours[name] ?? {}
        const noisy = (): NoisyTarget => {
          const exp = Math.floor(Date.now() / 1_000) + expiresInSeconds
          const headersOfSub = (sub: string) => headersOf({ sub, role, organisation_id: noisyOrganisation, exp })
          const headers = headersOfSub('noisy')
          const peers = Array.from({ length: noisyPeers }, (_, n) => headersOfSub(`noisy ${n}`))
          const { noisyCursor: cursor, noisy: sessions, honest: movedAway } = filled
          return { url, cursor, sessions, movedAway, localAddress, headers, peers }
        }
        await this.#attack(issuer ? name : `${name}, by address`, name, noisy, honest)
        if (server.child.exitCode !== null || server.child.signalCode !== null)
          return this.#break(`${name}: the server died. ${server.errors.slice(-1_000)}`)
      }
      const errors = server.lines.filter(({ level }) => level === 'error' || level === 'fatal')
      for (const line of errors.slice(0, 3)) this.#break(`The log has an error: ${JSON.stringify(line).slice(0, 600)}`)
    } finally {
      if (honest) await ended(honest)
      await server.kill()
    }
  }

  #break(sentence: string): void {
    this.broken.push(sentence)
  }

  async #attack(title: string, name: string, noisy: () => NoisyTarget, honest: ChildProcess): Promise<void> {
    const { beside = [], refusedWith } = noisyNeighbours[name] ?? {}
    const measured = async (ms: number): Promise<Measured> => {
      honest.send({ operations: beside, ms } satisfies Measuring)
      const [report] = await within(ms + reportMs, 'the honest clients', once(honest, 'message'))
      return report
    }
    await measured(aloneMs / 2)
    const alone = await measured(aloneMs)

    const attack = forked('noisy-neighbours.js', { name, target: noisy() })
    let outcomes: Outcomes = {}
    attack.on('message', (report: Outcomes) => {
      outcomes = report
    })
    await within(reportMs, `${name} to begin`, once(attack, 'message'))
    await wait(rampMs)
    const during = await measured(this.ms)
    await ended(attack)

    const stopped = performance.now()
    let recovered = false
    while (!recovered && performance.now() - stopped < givenUpMs) {
      recovered = Object.entries(await measured(recoveryStepMs)).every(
        ([operation, { times, faults }]) => faults.length === 0 && (percentile(times, 0.99) ?? 0) < boundMs(operation),
      )
    }
    const recoveredAfter = Math.round(performance.now() - stopped)
    process.stdout.write(`${title}: its outcomes ${JSON.stringify(outcomes)}, recovered after ${recoveredAfter} ms\n`)
    if (recoveredAfter > recoveryMs) this.#break(`${title}: the server needed ${recoveredAfter} ms to recover.`)
    const expected = (outcome: string): boolean =>
      refusedWith === undefined ? !faultyOutcomes.has(outcome) : outcome === refusedWith
    const faulty = Object.keys(outcomes).filter(outcome => !expected(outcome))
    if (refusedWith !== undefined && (faulty.length > 0 || !outcomes[refusedWith]))
      this.#break(`${title}: not all requests got ${refusedWith}: ${JSON.stringify(outcomes)}.`)
    else if (faulty.length > 0) this.#break(`${title}: the attack is faulty, or it succeeded: ${faulty.join()}.`)
    for (const operation of beside) this.#judge(title, operation, alone, during)
  }

  #judge(attack: string, operation: HonestOperation, alone: Measured, beside: Measured): void {
    const figures = (measured: Measured, ...shares: number[]): string =>
      shares.map(share => percentile(measured[operation]?.times ?? [], share) ?? '–').join(' / ')
    const { times = [], faults = [] } = beside[operation] ?? {}
    this.rows.push({
      attack,
      store: this.kind.name,
      operation,
      alone: figures(alone, 0.5, 0.99),
      beside: `${figures(beside, 0.5, 0.99, 1)} (${times.length})`,
      refusals: faults.length,
    })
    const p99 = percentile(times, 0.99)
    if (p99 === undefined) this.#break(`${attack}: ${operation} was never served.`)
    else if (p99 >= boundMs(operation)) this.#break(`${attack}: ${operation} took ${p99} ms (99th percentile).`)
    if (faults.length > 0) this.#break(`${attack}: ${operation} failed ${faults.length} times: ${faults[0]?.trim()}`)
    const [early] = alone[operation]?.faults ?? []
    if (early) this.#break(`${operation} failed before the attack: ${early}`)
  }

  table(): string {
    const head = ['attack', 'store', 'honest operation', 'alone p50 / p99', 'beside p50 / p99 / max (n)', 'refused']
    const lines = this.rows.map(({ attack, store, operation, alone, beside, refusals }) =>
      [attack, store, operation, alone, beside, refusals].map(String),
    )
    const all = [head, head.map(() => '---'), ...lines]
    return all.map(cells => `| ${cells.join(' | ')} |`).join('\n')
  }
}

/**
 * Attacks a server with these noisy neighbours, and measures each for `ms`. `program` is the server's main file. Returns
 * one sentence for each breach.
 */
export async function besiegedByNeighbours(
  kind: StoreKind,
  ms: number,
  names: string[],
  program: string,
): Promise<string[]> {
  const fairness = new Fairness(kind, ms, program)
  try {
    await fairness.run(names)
  } finally {
    process.stdout.write(`${fairness.table()}\n`)
  }
  return fairness.broken
}
