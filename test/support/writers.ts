import { setTimeout as wait } from 'node:timers/promises'
import type { Inputs } from '../../src/domain/calculator'
import type { SessionEvent } from '../../src/domain/session'
import type { Checker, Fact } from './checker'
import { payloadlessEvents } from './example-commands'
import { inputsOf } from './inputs'
import { base } from './interfaces'
import { oneOf, randomFrom } from './random'
import { eventOf } from './transports'

/** Maximum number of concurrent reads in `verify`. */
const looksAtOnce = 50

const retryMs = 50

/** Time in ms within which every request must get a response, whatever happens to the store. */
export const answerMs = 25_000

/** A proxy responds with 502 or 504 if its server did not respond. */
const noAnswers = new Set([502, 503, 504])
/** Statuses of refusals by the domain. After these, the write certainly did not happen. */
const refusals = new Set([404, 409])

interface Owned {
  session_id: string
}

/** Server, timeout and idempotency key of one request, if they differ from the defaults. */
interface Sending {
  url?: string
  ms?: number
  key?: string | undefined
}

type Acknowledged = (...facts: Fact[]) => void

/** One request. A request with a key may be repeated until it gets a response. */
interface Request {
  key: string | undefined
  send(): Promise<void>
}

/** Share of the requests that have an idempotency key. */
const keyedShare = 0.4

const mutations = {
  start: `mutation ($input: StartSessionInput!) { change: startSession(input: $input)
    { session { id } transitions { event sequence } } }`,
  dispatch: `mutation ($input: DispatchEventInput!) { change: dispatchEvent(input: $input)
    { session { id } transitions { event sequence } } }`,
}

interface GraphqlAnswer {
  data?: { change: { session: { id: string }; transitions: { event: string; sequence: number }[] } } | null
  errors?: { extensions: { code: string } }[]
}

/**
 * Writers that start, change and close their own sessions as fast as the server responds, over REST or GraphQL. They
 * report acknowledged writes to the checker. If a server was gone before it responded, the write may or may not have
 * happened.
 */
export class Writers {
  /** Time of each acknowledged write, in ms of `performance.now()`. */
  readonly times: number[] = []
  /** Responses that no client should get. */
  readonly wrong: string[] = []
  /** Number of requests that failed because the server was unreachable. */
  unanswered = 0
  /** Requests without a response within 25 seconds. */
  readonly hung: string[] = []
  /** Times of each writer's responses, including refusals, in ms of `performance.now()`. */
  readonly answered: number[][]
  readonly #owned: Owned[][]
  #calculations = 0
  /** Acknowledged calculations of each session, by number. */
  readonly #calculated = new Map<string, number[]>()
  /** Keys of requests that got no response the first time. */
  readonly #repeated = new Set<string>()
  #stopped = false
  readonly #running: Promise<unknown>

  constructor(
    readonly checker: Checker,
    readonly url: () => string,
    { count = 20, seed, pauseMs = 0 }: { count?: number; seed: number; pauseMs?: number },
  ) {
    this.#owned = Array.from({ length: count }, () => [])
    this.answered = this.#owned.map(() => [])
    this.#running = Promise.all(this.#owned.map((_, i) => this.#write(i, randomFrom(seed + i), pauseMs)))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** Writes to each owned session through each server. Returns the writes without a response within `ms`. */
  async unwritable(urls: string[], ms: number): Promise<string[]> {
    const deadline = performance.now() + ms
    const write = async (session_id: string, url: string): Promise<string[]> => {
      const acknowledged = this.checker.asks()
      const inputs = this.#inputs()
      const key = `through-each-${inputs.sessions}`
      let why = 'no answer'
      for (let left = ms; left > 0; left = deadline - performance.now()) {
        try {
          const sending = { url, ms: Math.ceil(left), key }
          await this.#restDispatch(acknowledged, session_id, 'CalculateRequested', inputs, sending)
          return []
        } catch (error) {
          why = (error as Error).message
        }
        await wait(retryMs)
      }
      return [`${session_id} through ${url}: ${why}`]
    }
    const owned = this.#owned.flat().flatMap(({ session_id }) => urls.map(url => write(session_id, url)))
    return (await Promise.all(owned)).flat()
  }

  /**
   * Compares the sessions with the responses, and returns one sentence for each difference. Each acknowledged
   * calculation must be among the results, and no request may take effect twice, however often it was repeated.
   */
  async verify(url: string): Promise<string[]> {
    const asked = (path: string) => fetch(url + base + path)
    // An idle connection may be closed at the moment when it is reused, so repeat a failed read once.
    const read = async (path: string) => (await asked(path).catch(() => asked(path))).json()
    const session = async ({ session_id }: Owned): Promise<string[]> => {
      const { data = [] } = (await read(`/${session_id}/results`)) as { data?: { inputs: { sessions: number } }[] }
      const made = data.map(({ inputs }) => inputs.sessions)
      const acknowledged = this.#calculated.get(session_id) ?? []
      return [
        ...acknowledged.filter(one => !made.includes(one)).map(one => `${session_id} lost calculation ${one}`),
        ...made.filter((one, i) => made.indexOf(one) < i).map(one => `${session_id} duplicated calculation ${one}`),
      ]
    }
    const start = async (key: string): Promise<string[]> => {
      const { pagination } = (await read(`?organisation_id=${key}`)) as { pagination: { total: number } }
      return pagination.total > 1 ? [`the start under the key ${key} was duplicated`] : []
    }
    const looks = [
      ...this.#owned.flat().map(owned => () => session(owned)),
      ...[...this.#repeated].map(key => () => start(key)),
    ]
    const found: string[][] = []
    const look = async (): Promise<void> => {
      for (let next = looks.pop(); next; next = looks.pop()) found.push(await next())
    }
    await Promise.all(Array.from({ length: looksAtOnce }, look))
    return found.flat()
  }

  /** Returns different inputs each time, so that no calculation is a no-op. */
  #inputs(): Inputs {
    return inputsOf(this.#calculations++)
  }

  async #write(i: number, random: () => number, pauseMs: number): Promise<void> {
    const owned = this.#owned[i] as Owned[]
    while (!this.#stopped) {
      const { key, send } = this.#next(i % 2 === 0, `writer-${i}`, owned, random)
      for (let again = true; again && !this.#stopped; ) {
        try {
          await send()
          this.answered[i]?.push(performance.now())
          again = false
        } catch {
          this.unanswered++
          if (key) this.#repeated.add(key)
          again = key !== undefined
          await wait(retryMs)
        }
      }
      if (pauseMs > 0) await wait(pauseMs * random() * 2)
    }
  }

  #next(rest: boolean, mentor_id: string, owned: Owned[], random: () => number): Request {
    const acknowledged = this.checker.asks()
    const key = random() < keyedShare ? `${mentor_id}-${random()}` : undefined
    const place = Math.floor(random() * owned.length)
    const session = owned[place]
    if (!session || owned.length < 3) {
      const start = rest ? this.#restStart : this.#graphqlStart
      const send = async () => {
        const session_id = await start.call(this, acknowledged, mentor_id, key)
        if (session_id) owned.push({ session_id })
      }
      return { key, send }
    }
    const { session_id } = session
    if (random() < 0.04) {
      owned.splice(place, 1)
      return { key: undefined, send: () => this.#close(acknowledged, session_id) }
    }
    const calculates = random() < 0.6
    const event = calculates ? 'CalculateRequested' : oneOf(payloadlessEvents, random)
    const payload = calculates ? this.#inputs() : undefined
    const dispatch = rest ? this.#restDispatch : this.#graphqlDispatch
    return { key, send: () => dispatch.call(this, acknowledged, session_id, event, payload, { key }) }
  }

  #acknowledge(acknowledged: Acknowledged, ...facts: Fact[]): void {
    if (facts.length > 0) this.times.push(performance.now())
    acknowledged(...facts)
  }

  #calculatedIn(session_id: string, payload: Inputs | undefined): void {
    if (!payload) return
    const calculated = this.#calculated.get(session_id) ?? []
    this.#calculated.set(session_id, calculated)
    calculated.push(payload.sessions)
  }

  async #send(method: string, path: string, body?: object, sending: Sending = {}): Promise<Response> {
    const { url = this.url(), ms = answerMs, key } = sending
    const begun = performance.now()
    const response = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(key && { 'Idempotency-Key': key }) },
      signal: AbortSignal.timeout(ms),
      ...(body && { body: JSON.stringify(body) }),
    }).catch(error => {
      if (performance.now() - begun > answerMs - 100) this.hung.push(`${method} ${url}${path}`)
      throw error
    })
    if (noAnswers.has(response.status)) throw new Error('unavailable')
    if (response.ok) return response
    const problem = await response.text()
    // An earlier request with the same key is still being served.
    if (problem.includes('"request_in_flight"')) throw new Error('in flight')
    if (!refusals.has(response.status)) this.wrong.push(`${method} ${path} ${response.status} ${problem}`)
    return response
  }

  async #restStart(acknowledged: Acknowledged, mentor_id: string, key: string | undefined): Promise<string> {
    const response = await this.#send('POST', base, { mentor_id, organisation_id: key }, { key })
    if (!response.ok) return ''
    const { session_id } = (await response.json()) as { session_id: string }
    this.#acknowledge(acknowledged, { session_id, sequence: 1, event: 'SessionStarted' })
    return session_id
  }

  async #restDispatch(
    acknowledged: Acknowledged,
    session_id: string,
    event: SessionEvent,
    payload?: Inputs,
    sending?: Sending,
  ): Promise<void> {
    const response = await this.#send('PUT', `${base}/${session_id}`, { event, payload }, sending)
    if (!response.ok) return
    await response.arrayBuffer()
    this.#calculatedIn(session_id, payload)
    this.#acknowledge(acknowledged, { session_id, sequence: Number(response.headers.get('Session-Version')) })
  }

  async #close(acknowledged: Acknowledged, session_id: string): Promise<void> {
    const response = await this.#send('DELETE', `${base}/${session_id}`)
    if (!response.ok) return
    await response.arrayBuffer()
    this.#acknowledge(acknowledged, { session_id, event: 'SessionClosed' })
  }

  async #mutate(acknowledged: Acknowledged, query: string, input: object): Promise<string> {
    const response = await this.#send('POST', '/graphql', { query, variables: { input } })
    const { data, errors } = (await response.json()) as GraphqlAnswer
    const code = errors?.[0]?.extensions.code
    if (code === 'UNAVAILABLE' || code === 'REQUEST_IN_FLIGHT') throw new Error(code)
    if (code && !['EVENT_REFUSED', 'SESSION_NOT_FOUND', 'SESSION_FULL'].includes(code)) this.wrong.push(`${code}`)
    if (!data?.change) return ''
    const { session, transitions } = data.change
    const facts = transitions.map(({ event, sequence }) => ({
      session_id: session.id,
      sequence,
      event: eventOf(event),
    }))
    this.#acknowledge(acknowledged, ...facts)
    return session.id
  }

  #graphqlStart(acknowledged: Acknowledged, mentorId: string, key: string | undefined): Promise<string> {
    const input = { mentorId, organisationId: key, idempotencyKey: key }
    return this.#mutate(acknowledged, mutations.start, input)
  }

  async #graphqlDispatch(
    acknowledged: Acknowledged,
    sessionId: string,
    event: SessionEvent,
    payload?: Inputs,
    { key }: Sending = {},
  ): Promise<void> {
    const constant = event.replace(/(?!^)[A-Z]/g, letter => `_${letter}`).toUpperCase()
    const camelled = payload && {
      sessions: payload.sessions,
      avgMinutes: payload.avg_minutes,
      costPerSession: payload.cost_per_session,
      costPerHour: payload.cost_per_hour,
    }
    const input = { sessionId, event: constant, payload: camelled, idempotencyKey: key }
    const changed = await this.#mutate(acknowledged, mutations.dispatch, input)
    if (changed) this.#calculatedIn(sessionId, payload)
  }
}
