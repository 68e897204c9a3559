import { setTimeout as wait } from 'node:timers/promises'
import type { SessionEvent } from '../../src/domain/session'
import type { Checker, Fact } from './checker'
import { base } from './doors'
import { randomFrom } from './random'
import { inputsOf } from './sessions'
import { eventOf } from './transports'

const events: SessionEvent[] = ['ShareRequested', 'ShareRevokeRequested', 'ResetRequested', 'RetryRequested']
const retryMs = 50

/** Within this every request is to be answered, whatever happens to the store. */
const answerMs = 25_000

/** What a refusal of the domain is answered with: the write was not made, and that is known. */
const refusals = new Set([404, 409])

interface Owned {
  session_id: string
}

/** Where one request goes, and how long it may take, where that is not as for all. */
interface Address {
  url?: string
  ms?: number
}

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
 * Writers that start, change and close sessions of their own as fast as the server answers, each over REST or GraphQL,
 * and tell the checker what was acknowledged. What a server that is gone did not answer may have been written or not.
 */
export class Writers {
  /** When each write was acknowledged, in milliseconds of `performance.now()`. */
  readonly times: number[] = []
  /** Answers that no client should get. */
  readonly wrong: string[] = []
  /** Requests that a server out of reach failed. */
  unanswered = 0
  /** Requests that were not answered at all within 25 seconds. */
  readonly hung: string[] = []
  /** When each writer was answered, be it by a refusal, in milliseconds of `performance.now()`. */
  readonly answered: number[][]
  readonly #owned: Owned[][]
  #calculations = 0
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

  /** Writes each session that is owned through each server, and gives those writes that were not answered within `ms`. */
  async unwritable(urls: string[], ms: number): Promise<string[]> {
    const deadline = performance.now() + ms
    const write = async (session_id: string, url: string): Promise<string[]> => {
      let why = 'no answer'
      for (let left = ms; left > 0; left = deadline - performance.now()) {
        try {
          await this.#restDispatch(session_id, 'CalculateRequested', this.#inputs(), { url, ms: Math.ceil(left) })
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

  /** No two calculations are alike, so that none is a repetition. */
  #inputs(): ReturnType<typeof inputsOf> {
    return inputsOf(this.#calculations++)
  }

  async #write(i: number, random: () => number, pauseMs: number): Promise<void> {
    const owned = this.#owned[i] as Owned[]
    const rest = i % 2 === 0
    while (!this.#stopped) {
      try {
        await this.#step(rest, `writer ${i}`, owned, random)
        this.answered[i]?.push(performance.now())
      } catch {
        this.unanswered++
        await wait(retryMs)
      }
      if (pauseMs > 0) await wait(pauseMs * random() * 2)
    }
  }

  async #step(rest: boolean, mentor_id: string, owned: Owned[], random: () => number): Promise<void> {
    const place = Math.floor(random() * owned.length)
    const session = owned[place]
    if (!session || owned.length < 3) {
      const session_id = await (rest ? this.#restStart(mentor_id) : this.#graphqlStart(mentor_id))
      owned.push({ session_id })
      return
    }
    const { session_id } = session
    if (random() < 0.04) {
      owned.splice(place, 1)
      return this.#close(session_id)
    }
    const calculates = random() < 0.6
    const event = calculates ? 'CalculateRequested' : (events[Math.floor(random() * events.length)] as SessionEvent)
    const payload = calculates ? this.#inputs() : undefined
    if (rest) await this.#restDispatch(session_id, event, payload)
    else await this.#graphqlDispatch(session_id, event, payload)
  }

  #acknowledge(acknowledged: (...facts: Fact[]) => void, ...facts: Fact[]): void {
    if (facts.length > 0) this.times.push(performance.now())
    acknowledged(...facts)
  }

  async #send(method: string, path: string, body?: object, to: Address = {}): Promise<Response> {
    const { url = this.url(), ms = answerMs } = to
    const begun = performance.now()
    const response = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(ms),
      ...(body && { body: JSON.stringify(body) }),
    }).catch(error => {
      if (performance.now() - begun > answerMs - 100) this.hung.push(`${method} ${url}${path}`)
      throw error
    })
    if (response.status === 503) throw new Error('unavailable')
    if (!response.ok && !refusals.has(response.status)) {
      this.wrong.push(`${method} ${path} ${response.status} ${await response.text()}`)
    }
    return response
  }

  async #restStart(mentor_id: string): Promise<string> {
    const acknowledged = this.checker.asks()
    const response = await this.#send('POST', base, { mentor_id })
    const { session_id } = (await response.json()) as { session_id: string }
    this.#acknowledge(acknowledged, { session_id, sequence: 1, event: 'SessionStarted' })
    return session_id
  }

  async #restDispatch(session_id: string, event: SessionEvent, payload?: object, to?: Address): Promise<void> {
    const acknowledged = this.checker.asks()
    const response = await this.#send('PUT', `${base}/${session_id}`, { event, payload }, to)
    await response.arrayBuffer()
    if (!response.ok) return
    this.#acknowledge(acknowledged, { session_id, sequence: Number(response.headers.get('Session-Version')) })
  }

  async #close(session_id: string): Promise<void> {
    const acknowledged = this.checker.asks()
    const response = await this.#send('DELETE', `${base}/${session_id}`)
    await response.arrayBuffer()
    if (response.ok) this.#acknowledge(acknowledged, { session_id, event: 'SessionClosed' })
  }

  async #mutate(query: string, input: object): Promise<string> {
    const acknowledged = this.checker.asks()
    const response = await this.#send('POST', '/graphql', { query, variables: { input } })
    const { data, errors } = (await response.json()) as GraphqlAnswer
    const code = errors?.[0]?.extensions.code
    if (code === 'UNAVAILABLE') throw new Error(code)
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

  #graphqlStart(mentorId: string): Promise<string> {
    return this.#mutate(mutations.start, { mentorId })
  }

  async #graphqlDispatch(sessionId: string, event: SessionEvent, payload?: ReturnType<typeof inputsOf>): Promise<void> {
    const constant = event.replace(/(?!^)[A-Z]/g, letter => `_${letter}`).toUpperCase()
    const camelled = payload && {
      sessions: payload.sessions,
      avgMinutes: payload.avg_minutes,
      costPerSession: payload.cost_per_session,
      costPerHour: payload.cost_per_hour,
    }
    await this.#mutate(mutations.dispatch, { sessionId, event: constant, payload: camelled })
  }
}
