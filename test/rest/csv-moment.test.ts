import type { Store } from '../../src/db/store'
import type { Filter } from '../../src/domain/list-query'
import { minuteMs, type Timestamp } from '../../src/domain/timestamp'
import { rowsOf } from '../support/csv'
import { inputsOf } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { base } from '../support/interfaces'
import { randomFrom } from '../support/random'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { noon } from '../support/sessions'
import { overStores } from '../support/stores'
import { until } from '../support/until'

const sessions = 1_500
const writers = 8
/** Number of writes between two batches of an export. */
const writesPerBatch = 25
const seed = 20_260_326

const filters: Filter[] = [
  {},
  { state: 'loaded' },
  { mentor_id: 'm1', state: 'initial' },
  { mentor_id: 'm1', organisation_id: 'o1' },
]

interface Item {
  to: string
  sequence: number
  result_id: string | null
  session_id: string
  mentor_id: string
  organisation_id: string | null
}

/** A session as one row of a file shows it. */
type Shown = Pick<Item, 'sequence' | 'result_id' | 'mentor_id' | 'organisation_id'> & { state: string }

overStores(({ newDatabase }) => {
  const random = randomFrom(seed)
  let written = 0
  let writing = true
  const server = serving(newDatabase, {
    // Random start times place some new sessions where an export has yet to read.
    clock: () => new Date(Date.parse(noon) + Math.floor(random() * minuteMs)),
    store: opened =>
      intercepting<Store>(opened, {
        async *export(...asked) {
          for await (const batch of opened.export(...asked)) {
            yield batch
            const enough = written + writesPerBatch
            await until(() => written >= enough, 60_000, 'writes')
          }
        },
      }),
  })
  const { get } = client(server)
  const open: string[] = []
  const startedAt = new Map<string, Timestamp>()
  /** The number of sessions in the inputs of each result, by result id. */
  const calculated = new Map<string, number>()

  async function start(): Promise<void> {
    const who = { mentor_id: `m${written % 2}`, organisation_id: `o${Math.floor(random() * 2)}` }
    const { session } = await server.sessions.start(who)
    startedAt.set(session.session_id, session.created_at)
    open.push(session.session_id)
    written++
  }

  async function change(): Promise<void> {
    const id = open[Math.floor(random() * open.length)] as string
    const [event, payload] = random() < 0.3 ? ['ResetRequested'] : ['CalculateRequested', inputsOf(calculated.size)]
    const { session } = await server.sessions.dispatch(id, { event, payload })
    if (payload) calculated.set(String(session.result_id), Number(payload.sessions))
    written++
  }

  async function close(): Promise<void> {
    const [id] = open.splice(Math.floor(random() * open.length), 1)
    await server.sessions.close(id as string)
    written++
  }

  async function write(): Promise<void> {
    while (writing) {
      const one = random()
      // Another writer has just closed the session.
      const gone = (error: Error) => expect(error).toMatchObject({ code: 'session_not_found' })
      await (one < 0.2 ? start() : one < 0.4 ? close() : change()).catch(gone)
    }
  }

  beforeAll(() => Promise.all(Array.from({ length: sessions }, start)))

  test('a file equals the state at one position of the log, whatever is written while it is read', async () => {
    const before = new Map<string, Shown>()
    for (let offset = 0; offset < sessions; offset += 100) {
      for (const { session_id, version, ...session } of await server.store.lists.list({}, { offset, limit: 100 })) {
        before.set(session_id, { ...session, sequence: version })
      }
    }
    const feed = '/api/v1/benefit-calculator-events'
    let { next } = JSON.parse((await get(feed)).text) as { next: string }
    const writes = Promise.all(Array.from({ length: writers }, write))
    await until(() => written > sessions + 50, 60_000, 'writes before')
    const files = await Promise.all(
      filters.map(async filter => {
        const answer = await get(`${base}?format=csv&${new URLSearchParams(filter as Record<string, string>)}`)
        expect(answer.status).toBe(200)
        return rowsOf(answer.text)
      }),
    )
    writing = false
    await writes
    const items: Item[] = []
    for (let full = true; full; ) {
      const page = JSON.parse((await get(`${feed}?after=${next}&limit=1000`)).text) as { data: Item[]; next: string }
      items.push(...page.data)
      next = page.next
      full = page.data.length === 1_000
    }
    for (const [i, filter] of filters.entries()) hold(filter, files[i] ?? [], before, items)
  })

  /** Expects the file to equal the earlier sessions after some prefix of the later items. */
  function hold(filter: Filter, file: Record<string, string>[], before: Map<string, Shown>, items: Item[]): void {
    const place = ({ session_id = '' }) => `${startedAt.get(session_id)} ${session_id}`
    expect(file).toEqual(file.toSorted((a, b) => (place(a) < place(b) ? 1 : -1)))
    for (const { result_id = '', sessions } of file) expect(sessions).toBe(result_id && `${calculated.get(result_id)}`)

    const lines = new Map(
      file.map(({ session_id = '', ...row }) => [
        session_id,
        [row.mentor_id, row.organisation_id, row.state, row.result_id, row.version].join(),
      ]),
    )
    expect(lines.size).toBe(file.length)
    const lineOf = (session: Shown): string | undefined => {
      const isSelected = Object.entries(filter).every(
        ([name, value]) => session[name as keyof Omit<Filter, 'months' | 'external_id'>] === value,
      )
      if (!isSelected || session.state === 'closed') return undefined
      return [session.mentor_id, session.organisation_id, session.state, session.result_id, session.sequence].join()
    }
    const differing = new Set(lines.keys())
    const compare = (id: string, session: Shown): void => {
      if (lineOf(session) === lines.get(id)) differing.delete(id)
      else differing.add(id)
    }
    for (const [id, session] of before) compare(id, session)
    const passed: number[] = []
    for (const [n, { session_id, to, ...item }] of items.entries()) {
      compare(session_id, { ...item, state: to })
      // A calculation is one write with two transitions.
      if (differing.size === 0 && to !== 'loading') passed.push(n)
    }
    expect(passed.length).toBeGreaterThan(0)
    expect(passed[0]).toBeGreaterThan(0)
    expect(passed.at(-1)).toBeLessThan(items.length - writesPerBatch)
  }
})
