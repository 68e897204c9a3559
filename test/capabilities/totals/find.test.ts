import { type Found, sessionsPerFind } from '../../../src/capabilities/totals/find'
import { defaultBounds } from '../../../src/capabilities/totals/tallies'
import { folded, foldedWords } from '../../../src/domain/folding'
import { isInRange } from '../../../src/domain/months'
import { resultContributionOf } from '../../../src/domain/session'
import { changeAny, inputsFrom } from '../../support/changes'
import { inputsOf } from '../../support/inputs'
import { intercepting } from '../../support/intercepting'
import { randomFrom } from '../../support/random'
import { noon, stored } from '../../support/sessions'
import { gathered, overStores, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { endProcesses, filters, kept, type Process, processOn } from './processes'

const clock = (): Date => new Date(noon)

const labels = ['Spring 2026', 'Größe und Maß', 'Year 9 reading', 'Élèves', '☃ 12', 'O’Brien, Łódź']
const texts = [
  'SPRING',
  'gross',
  'eleves',
  '9 r',
  'mass groß',
  'reading 2026',
  '☃',
  'm',
  'O',
  "lodz o'brien",
  'nothing',
]

overStores(kind => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await kind.newDatabase()
  })
  afterEach(async () => {
    endProcesses()
    await database.drop()
  })

  /** Changes sessions at random. Some results have a label. */
  async function change({ sessions }: Process, ids: string[], random: () => number, times = 60): Promise<void> {
    for (let i = 0; i < times; i++) {
      await changeAny({ sessions }, ids, random)
      const id = ids[Math.floor(random() * ids.length)]
      const label = labels[Math.floor(random() * labels.length)]
      const command = { event: 'CalculateRequested', payload: { ...inputsFrom(random), ...(label && { label }) } }
      if (id) await sessions.dispatch(id, command).catch(() => {})
    }
  }

  /** Compares the matches with those among all sessions of the store. */
  async function compare({ totals, store }: Process): Promise<void> {
    for (const filter of filters) {
      const { months: _, ...others } = filter
      const all = await gathered(store.export(others, new AbortController().signal))
      const selected = all
        .flat()
        .filter(
          ({ result }) => !filter.months || (result && isInRange(filter.months, resultContributionOf(result).month)),
        )
      for (const text of texts) {
        const contains = (other: string | null | undefined): boolean =>
          !!other && foldedWords(text).every(word => folded(other).includes(word))
        const found = await totals.find(filter, { text, first: 50 })
        const groupsBy = (name: 'mentor_id' | 'organisation_id') => {
          const counts = new Map<string, number>()
          for (const { [name]: id } of selected) if (id && contains(id)) counts.set(id, (counts.get(id) ?? 0) + 1)
          return Object.fromEntries(counts)
        }
        expect({
          complete: found.complete,
          sessions: found.sessions,
          mentors: Object.fromEntries(found.mentors.map(({ id, sessions }) => [id, sessions])),
          organisations: Object.fromEntries(found.organisations.map(({ id, sessions }) => [id, sessions])),
        }).toEqual({
          complete: true,
          sessions: selected.filter(({ result }) => contains(result?.inputs.label)),
          mentors: groupsBy('mentor_id'),
          organisations: groupsBy('organisation_id'),
        })
      }
    }
  }

  test('a find gives what a look at every session gives, after any changes, a gap and a start', async () => {
    const process = await processOn(await database.open(), { clock })
    await kept(process)
    const random = randomFrom(11)
    const ids: string[] = []
    await change(process, ids, random)
    await compare(process)
    const end = process.gap()
    await change(process, ids, random, 20)
    end()
    await kept(process)
    await compare(process)
    endProcesses()
    if (!kind.shared) await process.store.end()
    const next = await processOn(await database.open(), { clock })
    await kept(next)
    await compare(next)
    await change(next, ids, random, 20)
    await compare(next)
  })

  test('changes during the filling are found too', async () => {
    const store = await database.open()
    const random = randomFrom(12)
    const ids: string[] = []
    const first = await processOn(store, { clock })
    await change(first, ids, random)
    endProcesses()
    let writer: Process | undefined
    if (!kind.shared) await store.end()
    const process: Process = await processOn(await database.open(), {
      clock,
      over: opened =>
        intercepting(opened, {
          totals: {
            async contributions(after: string, limit: number) {
              const read = opened.totals.contributions(after, Math.min(limit, 5))
              if (writer) await change(writer, ids, random, 3)
              return read
            },
          },
        }),
    })
    writer = kind.shared ? first : process
    await kept(process)
    await until(
      async () => JSON.stringify(await process.totals.find({}, all)) === JSON.stringify(await lookedUp(process)),
      60_000,
      'the log',
    )
    await compare(process)
  })

  const all = { text: '2026', first: 50 }
  /** Returns the same sessions from the store. */
  async function lookedUp({ totals, store }: Process): Promise<Found> {
    const sessions = (await gathered(store.export({}, new AbortController().signal))).flat()
    const found = await totals.find({}, all)
    return { ...found, sessions: sessions.filter(({ result }) => result?.inputs.label?.includes('2026')).slice(0, 50) }
  }

  test('the answer lacks a session that was changed or reassigned after its label was found', async () => {
    let meanwhile = async (): Promise<unknown> => undefined
    const process = await processOn(await database.open(), {
      clock,
      over: opened =>
        intercepting(opened, {
          sessions: {
            async withResult(session_id) {
              await meanwhile()
              return opened.sessions.withResult(session_id)
            },
          },
        }),
    })
    await kept(process)
    const { session_id } = (await process.sessions.start({ mentor_id: 'm', organisation_id: 'o1' })).session
    const payload = { ...inputsOf(1), label: 'Spring' }
    await process.sessions.dispatch(session_id, { event: 'CalculateRequested', payload })
    const find = (organisation_id: string) => process.totals.find({ organisation_id }, { text: 'spring', first: 5 })
    const reassign = (organisation_id: string) =>
      process.sessions.dispatch(session_id, { event: 'ReassignRequested', payload: { organisation_id } })
    expect(await find('o1')).toMatchObject({ sessions: [{ session_id }], complete: true })
    meanwhile = () => reassign('o2')
    expect(await find('o1')).toMatchObject({ sessions: [], complete: false })
    meanwhile = () => process.sessions.dispatch(session_id, { event: 'ResetRequested' })
    expect(await find('o2')).toMatchObject({ sessions: [], complete: false })
  })

  test('of the sessions of a mentor, only so many of the newest are read', async () => {
    const store = await database.open()
    const at = (i: number): string => new Date(Date.parse(noon) + i).toISOString()
    const labelled = (label: string) => ({
      event: 'CalculateRequested' as const,
      payload: { ...inputsOf(1), label },
    })
    await stored(store, { mentor_id: 'm' }, [labelled('Oldest of all')], at(0))
    await Promise.all(
      Array.from({ length: sessionsPerFind - 1 }, (_, i) => stored(store, { mentor_id: 'm' }, [], at(i + 1))),
    )
    let read = 0
    const process = await processOn(store, {
      clock,
      over: opened =>
        intercepting(opened, {
          lists: {
            async list(filter, page) {
              const listed = await opened.lists.list(filter, page)
              read += listed.length
              return listed
            },
          },
        }),
    })
    await kept(process)
    const find = () => process.totals.find({ mentor_id: 'm' }, { text: 'oldest', first: 5 })
    expect((await find()).sessions).toHaveLength(1)
    expect(read).toBe(sessionsPerFind)
    await stored(store, { mentor_id: 'm' }, [], at(sessionsPerFind))
    read = 0
    expect(await find()).toMatchObject({ sessions: [], complete: false })
    expect(read).toBe(sessionsPerFind)
    // Without the mentor, all labels are looked at, and no session is read for it but the one that matches.
    expect(await process.totals.find({}, { text: 'oldest', first: 5 })).toMatchObject({
      sessions: [{ mentor_id: 'm' }],
      complete: true,
    })
    expect(read).toBe(sessionsPerFind)
  })

  test('a find stays complete in an organisation whose labels another one would push out', async () => {
    let now = Date.parse(noon)
    const process = await processOn(await database.open(), {
      clock: () => new Date(++now),
      bounds: { ...defaultBounds, labelBytes: 20_000 },
    })
    await kept(process)
    const calculate = async (organisation_id: string, label: string): Promise<void> => {
      const { session } = await process.sessions.start({ mentor_id: 'm', organisation_id })
      const payload = { ...inputsOf(1), label }
      await process.sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    }
    await calculate('honest', 'Spring')
    for (let i = 0; i < 30; i++) await calculate('greedy', `${'\ufdfa'.repeat(110)} ${i}`)
    const find = (organisation_id: string, text: string) =>
      process.totals.find({ organisation_id }, { text, first: 50 })
    const own = await find('honest', 'spring')
    expect(own).toMatchObject({ sessions: [{ organisation_id: 'honest' }], complete: true })
    const { sessions, complete } = await find('greedy', '\ufdfa')
    expect(complete).toBe(false)
    expect(sessions.length).toBeGreaterThan(5)
    expect(sessions.length).toBeLessThan(30)
  })
})
