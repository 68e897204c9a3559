import { currencies } from '../../src/domain/limits'
import { feedPath } from '../support/transports'

/** Sessions and cursors that attackers and honest clients start from. */
export interface Filled {
  /** Sessions of the attackers' organisation: a calculation in each currency and month. */
  noisy: string[]
  /**
   * Sessions of the honest organisation, in the order of their starts. They were started in the attackers' organisation,
   * and then moved.
   */
  honest: string[]
  /** Cursor before more than 20,000 commits. */
  noisyCursor: string
  /** Cursor before the start of the honest sessions. Half of them started right after it, half after some 9,700 commits. */
  honestCursor: string
}

/** Ids of the maximum length make the largest rows, messages and commits. */
const long = '🧮'.repeat(199)
export const noisyOrganisation = `a${long}`
export const honestOrganisation = 'honest'
/** It becomes 18 characters when a search folds it. */
export const ligature = '\ufdfa'

const months = 120
const honestSessions = 200
/** Maximum number of aliases in a document. */
const perRequest = 30
/** The mutations of a request are executed one after the other, and the store writes those of many requests together. */
const requestsAtOnce = 200

const mentorOf = (n: number): string => `m${n}`

/** Returns the nth month before this one, as a period. */
function periodOf(n: number): { from: string; to: string } {
  const now = new Date()
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - n, 1)).toISOString().slice(0, 7)
  return { from: `${month}-01`, to: `${month}-28` }
}

/** Fills a server through GraphQL, with the rights of an admin. */
class Filling {
  constructor(
    readonly url: string,
    readonly headers: Record<string, string>,
  ) {}

  async #ask(path: string, body?: object): Promise<Record<string, unknown>> {
    const headers = { ...this.headers, 'Content-Type': 'application/json' }
    const response = await fetch(this.url + path, {
      headers,
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as Record<string, unknown>
    if (!response.ok || answer.errors) throw new Error(`the server can't be filled: ${JSON.stringify(answer)}`)
    return answer
  }

  async cursor(): Promise<string> {
    return String((await this.#ask(feedPath)).next)
  }

  /** Sends one mutation for each input, several in a request. Resolves with the ids of the sessions, in order. */
  async #mutate(field: string, type: string, inputs: object[]): Promise<string[]> {
    const ids: string[] = []
    let next = 0
    const work = async (): Promise<void> => {
      while (next < inputs.length) {
        const first = next
        const some = inputs.slice(first, first + perRequest)
        next += some.length
        const variables = some.map((_, i) => `$i${i}: ${type}!`).join(' ')
        const fields = some.map((_, i) => `s${i}: ${field}(input: $i${i}) { session { id } }`).join(' ')
        const { data } = (await this.#ask('/graphql', {
          query: `mutation (${variables}) { ${fields} }`,
          variables: Object.fromEntries(some.map((input, i) => [`i${i}`, input])),
        })) as { data: Record<string, { session: { id: string } }> }
        for (const i of some.keys()) ids[first + i] = String(data[`s${i}`]?.session.id)
      }
    }
    await Promise.all(Array.from({ length: requestsAtOnce }, work))
    return ids
  }

  start(mentorIds: string[], organisationId = noisyOrganisation): Promise<string[]> {
    const inputs = mentorIds.map(mentorId => ({ mentorId, organisationId }))
    return this.#mutate('startSession', 'StartSessionInput', inputs)
  }

  move(sessions: string[], organisationId: string): Promise<string[]> {
    const reassign = { event: 'REASSIGN_REQUESTED', reassign: { organisationId } }
    const inputs = sessions.map(sessionId => ({ sessionId, ...reassign }))
    return this.#mutate('dispatchEvent', 'DispatchEventInput', inputs)
  }

  /** Makes the calculations of these sessions, from number `first` to before `end`. */
  async calculate(sessions: string[], first: number, end: number): Promise<void> {
    const codes = [...currencies]
    const inputOf = (n: number): object => ({
      sessionId: sessions[n],
      event: 'CALCULATE_REQUESTED',
      payload: {
        sessions: 1 + (n % 1_000),
        avgMinutes: 45.5,
        costPerSession: 123.45,
        costPerHour: 67.89,
        label: `${ligature.repeat(110)} ${n}`,
        currency: codes[n % codes.length],
        period: periodOf(Math.floor(n / codes.length)),
      },
    })
    const inputs = Array.from({ length: end - first }, (_, i) => inputOf(first + i))
    await this.#mutate('dispatchEvent', 'DispatchEventInput', inputs)
  }
}

/** Fills an empty server. Both cursors are older than the 8,192 commits that a server holds in memory. */
export async function fill(url: string, headers: Record<string, string>): Promise<Filled> {
  const filling = new Filling(url, headers)
  const count = currencies.size * months
  const started = async (count: number): Promise<string[]> =>
    filling.move(await filling.start(Array(count).fill(mentorOf(0))), honestOrganisation)
  const mentors = Array.from({ length: count }, (_, n) => mentorOf(Math.floor(n / currencies.size)))
  const noisy = await filling.start(mentors.slice(0, -1_000))
  const noisyCursor = await filling.cursor()
  noisy.push(...(await filling.start(mentors.slice(-1_000))))
  await filling.calculate(noisy, 0, count / 2)
  const honestCursor = await filling.cursor()
  const honest = [...(await started(1)), ...(await started(honestSessions / 2 - 1))]
  await filling.calculate(noisy, count / 2, count)
  honest.push(...(await started(honestSessions / 2 - 1)), ...(await started(1)))
  return { noisy, honest, noisyCursor, honestCursor }
}
