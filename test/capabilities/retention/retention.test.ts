import { closedAtOnce, Retention } from '../../../src/capabilities/retention/retention'
import type { Store } from '../../../src/db/store'
import { DomainError } from '../../../src/domain/errors'
import { type Timestamp, timestamp } from '../../../src/domain/timestamp'
import { SessionCommands } from '../../../src/sessions/session-commands'
import { follow } from '../../support/follow'
import { intercepting } from '../../support/intercepting'
import { holdIntervals } from '../../support/intervals'
import { scraped } from '../../support/metrics'
import { run } from '../../support/process'
import { clockAt, keptLog, startServer } from '../../support/server'
import { calculation, noon, secondsAfter, sessionsOver, stored } from '../../support/sessions'
import { logOf, overStores, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'

const days = 30
const later = secondsAfter(noon, days * 24 * 60 * 60)
const justAfter = secondsAfter(later, 1)
const dateOf = (time: Timestamp): string => time.slice(0, 10)
const daysAfter = (time: Timestamp, count: number): Timestamp => secondsAfter(time, count * 24 * 60 * 60)

overStores(kind => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await kind.newDatabase({ byAge: true })
  })
  afterEach(async () => {
    jest.useRealTimers()
    await database.drop()
  })

  const { log, lines } = keptLog()
  beforeEach(() => {
    lines.length = 0
  })
  const said = () => lines.filter(({ msg }) => msg.includes('inactive sessions'))
  const onHold = { level: 'warn', msg: expect.stringMatching(/on hold.*SESSION_DAYS_CONFIRMED/) }

  const over = (store: Store, clock = clockAt(justAfter)) => new SessionCommands({ store, log, clock })
  const retentionOver = (sessions: SessionCommands, confirmed?: string) =>
    new Retention({ sessions, log, days, confirmed })

  async function looked(sessions: SessionCommands): Promise<void> {
    const retention = retentionOver(sessions, dateOf(justAfter))
    await retention.look()
    await retention.end()
  }

  test('a server closes sessions left untouched for SESSION_DAYS, like any other close', async () => {
    holdIntervals(later)
    let looks = 0
    const counting = (opened: Store) =>
      intercepting(opened, {
        retention: { idleSessions: (...asked) => opened.retention.idleSessions(...asked).finally(() => looks++) },
      })
    const before = await database.open()
    const old = await stored(before, { mentor_id: 'old' }, [calculation(1), { event: 'ShareRequested' }])
    const touched = await stored(before, { mentor_id: 'touched' })
    if (!kind.shared) await before.end()
    const server = await startServer(database, {
      store: counting,
      config: { SESSION_DAYS: days, SESSION_DAYS_CONFIRMED: dateOf(later) },
    })
    const { sessions, queries, store } = server
    const feed = follow(server.url, 'eventSource')
    await feed.received(1)
    await sessions.dispatch(touched.session_id, calculation(2))
    await until(() => looks === 1, 60_000, 'the first look')
    expect(await sessions.queries.findById(old.session_id)).not.toBeNull()

    jest.advanceTimersByTime(75_000)
    await until(async () => (await queries.count({})) === 1, 60_000, 'the close')
    expect(await sessions.queries.findById(old.session_id)).toBeNull()
    expect(await store.sessions.shared(old.shares[0]?.token ?? '')).toBeNull()
    expect(await sessions.queries.findById(touched.session_id)).not.toBeNull()
    const told = (await feed.received(4)).slice(3)
    expect(told).toMatchObject([{ session_id: old.session_id, event: 'SessionClosed', sequence: old.version + 1 }])
    const line = { level: 'info', msg: 'inactive sessions closed', sessions: 1, days }
    await until(() => server.log.some(({ msg }) => msg === line.msg), 60_000, 'the line of the log')
    expect(server.log).toContainEqual(expect.objectContaining(line))

    await server.stop()
    jest.advanceTimersByTime(600_000)
    expect(looks).toBe(2)
  })

  test('with SESSION_DAYS, retention begins at the start; without it, there is no index for it', async () => {
    const store = await database.open()
    await stored(store, {}, [], '2020-01-01T00:00:00.000Z')
    await store.end()
    const SESSION_DAYS_CONFIRMED = dateOf(timestamp(new Date()))
    const instance = run({ ...database.env, SESSION_DAYS: '1', SESSION_DAYS_CONFIRMED })
    expect(await instance.said('inactive sessions closed')).toMatchObject({ sessions: 1, days: 1 })
    expect(await instance.stop()).toBe(0)
    const other = await kind.newDatabase()
    const message = expect.stringMatching(/by_age|hint/)
    await expect((await other.open()).retention.idleSessions(noon, 1)).rejects.toMatchObject({ message })
    await other.drop()
  })

  test('all untouched sessions are closed in batches, each once, even by several processes', async () => {
    const processes = [await database.open(), ...(kind.shared ? [await database.open()] : [])]
    const [store] = processes as [Store]
    const count = 2 * closedAtOnce + 1
    await Promise.all(Array.from({ length: count }, () => stored(store)))
    const told = await logOf(store)
    await Promise.all(processes.map(each => looked(over(each))))
    expect(await store.lists.count({})).toBe(0)
    const closes = () => told.filter(({ commit }) => commit.transitions.some(({ event }) => event === 'SessionClosed'))
    await until(() => closes().length >= count, 60_000, 'the closes')
    expect(closes()).toHaveLength(count)
    expect(said().map(({ level }) => level)).not.toContain('warn')
  })

  test('the oldest sessions are closed first, and one that was touched after it was found stays', async () => {
    const store = await database.open()
    const touched = await stored(store, {}, [], secondsAfter(noon, -1))
    for (const s of [-2, -3]) await stored(store, { mentor_id: String(s) }, [], secondsAfter(noon, s))
    const found = await store.retention.idleSessions(noon, 2)
    expect(found).toEqual((await store.retention.idleSessions(noon, 10)).slice(0, 2))
    expect(await store.retention.idleSessions(secondsAfter(noon, -3), 10)).toEqual([])
    const touching = intercepting(store, {
      retention: {
        async idleSessions(...asked) {
          const untouched = await store.retention.idleSessions(...asked)
          if (untouched.length > 0) await sessionsOver(store).dispatch(touched.session_id, calculation(1))
          return untouched
        },
      },
    })
    await looked(over(touching))
    expect((await store.lists.list({}, { limit: 10, offset: 0 })).map(({ session_id }) => session_id)).toEqual([
      touched.session_id,
    ])
    expect(said()).toEqual([expect.objectContaining({ sessions: 2 })])
  })

  test('a failing store is logged once and retried, and a hanging one gets no further queries', async () => {
    holdIntervals(justAfter)
    const store = await database.open()
    await stored(store)
    let asked = 0
    let answer = (): Promise<never> => Promise.reject(new DomainError('unavailable'))
    let isWell = false
    const failing = intercepting(store, {
      retention: {
        idleSessions(...query) {
          asked++
          return isWell ? store.retention.idleSessions(...query) : answer()
        },
      },
    })
    const retention = retentionOver(over(failing), dateOf(justAfter))
    for (let look = 1; look <= 3; look++) {
      await retention.look()
      expect(asked).toBe(look)
      jest.advanceTimersByTime(75_000)
    }
    expect(said()).toEqual([expect.objectContaining({ level: 'warn' })])

    await retention.look()
    let hang = () => {}
    answer = () => new Promise((_, reject) => (hang = () => reject(new DomainError('unavailable'))))
    const hanging = asked + 1
    jest.advanceTimersByTime(75_000)
    await until(() => asked === hanging, 60_000, 'the query that hangs')
    jest.advanceTimersByTime(600_000)
    expect(asked).toBe(hanging)
    isWell = true
    hang()
    await retention.look()
    await retention.look()
    expect(await store.lists.count({})).toBe(0)
    expect(said().map(({ level }) => level)).toEqual(['warn', 'info'])
    await retention.end()
  })

  const open = async (store: Store) => (await store.lists.list({}, { limit: 10, offset: 0 })).length

  test('while the clock is far ahead, nothing is closed, until it is right again', async () => {
    const store = await database.open()
    await stored(store)
    const clock = clockAt(daysAfter(noon, 1))
    const retention = retentionOver(over(store, clock))
    await retention.look()
    expect(retention.isOnHold).toBe(false)

    clock.set(daysAfter(noon, 400))
    for (let look = 1; look <= 3; look++) await retention.look()
    expect(retention.isOnHold).toBe(true)
    expect(await open(store)).toBe(1)
    expect(said()).toEqual([
      expect.objectContaining({
        ...onHold,
        clock: daysAfter(noon, 400),
        expected: expect.stringMatching(/^2026-03-27/),
      }),
    ])

    clock.set(daysAfter(noon, 2))
    await retention.look()
    expect(retention.isOnHold).toBe(false)
    expect(said().at(-1)).toMatchObject({ level: 'info', msg: 'closing of inactive sessions resumed' })
    clock.set(daysAfter(noon, 16))
    await retention.look()
    clock.set(justAfter)
    await retention.look()
    expect(await open(store)).toBe(0)
    await retention.end()
  })

  test('a start with a clock far ahead closes nothing, nor does a later one, whatever was changed under that clock', async () => {
    const store = await database.open()
    await stored(store)
    const early = retentionOver(over(store, clockAt(daysAfter(noon, 1))))
    await early.look()
    await early.end()
    const wrong = daysAfter(noon, 400)
    for (let start = 1; start <= 2; start++) {
      const retention = retentionOver(over(store, clockAt(wrong)))
      await retention.look()
      expect(retention.isOnHold).toBe(true)
      await retention.end()
      await stored(store, {}, [], wrong)
    }
    expect(await open(store)).toBe(3)
    // As long a time in which no server ran is no jump.
    const retention = retentionOver(over(store, clockAt(daysAfter(noon, 1 + days / 2))))
    await retention.look()
    expect(retention.isOnHold).toBe(false)
    await retention.end()
  })

  test('without a kept time, the latest change counts, and the operator confirms the clock by its date', async () => {
    const store = await database.open()
    await stored(store)
    const at = clockAt(justAfter)
    for (const date of [undefined, dateOf(noon)]) {
      const retention = retentionOver(over(store, at), date)
      await retention.look()
      expect(retention.isOnHold).toBe(true)
      await retention.end()
    }
    expect(await open(store)).toBe(1)
    const confirmed = retentionOver(over(store, at), dateOf(justAfter))
    await confirmed.look()
    expect(await open(store)).toBe(0)
    await confirmed.end()

    await stored(store, {}, [], later)
    const unconfirmed = retentionOver(over(store, at))
    await unconfirmed.look()
    expect(unconfirmed.isOnHold).toBe(false)
    await unconfirmed.end()
  })

  test('a clock that jumps during a look does not make more sessions due', async () => {
    const store = await database.open()
    await Promise.all(Array.from({ length: closedAtOnce }, () => stored(store)))
    await stored(store, { mentor_id: 'young' }, [], later)
    const clock = clockAt(justAfter)
    const jumping = intercepting(store, {
      retention: {
        idleSessions: (...asked) => {
          clock.set(daysAfter(noon, 400))
          return store.retention.idleSessions(...asked)
        },
      },
    })
    await looked(over(jumping, clock))
    expect((await store.lists.list({}, { limit: 10, offset: 0 })).map(({ mentor_id }) => mentor_id)).toEqual(['young'])
  })

  test('a stop waits for the closes in progress', async () => {
    const store = await database.open()
    const { session_id } = await stored(store)
    let isClosing = false
    let proceed = () => {}
    const held = new Promise<void>(resolve => (proceed = resolve))
    const slow = intercepting(store, {
      sessions: {
        async close(...write) {
          isClosing = true
          await held
          return store.sessions.close(...write)
        },
      },
    })
    const retention = retentionOver(over(slow), dateOf(justAfter))
    await until(() => isClosing, 60_000, 'a close')
    const ended = retention.end()
    proceed()
    await ended
    expect(await store.sessions.snapshot(session_id)).toBeNull()
  })

  test('the metric says whether retention is on hold', async () => {
    const store = await database.open()
    await stored(store)
    if (!kind.shared) await store.end()
    for (const [confirmed, value] of [
      [undefined, 1],
      [dateOf(later), 0],
    ] as const) {
      const config = { SESSION_DAYS: days, SESSION_DAYS_CONFIRMED: confirmed, METRICS_PORT: 0 }
      const server = await startServer(database, { clock: clockAt(later), config })
      await until(
        async () => (await scraped(server)).includes(`\nbenefit_sessions_retention_on_hold ${value}\n`),
        60_000,
        `the metric to be ${value}`,
      )
      await server.stop()
    }
  })
})
