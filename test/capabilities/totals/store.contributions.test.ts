import { isDeepStrictEqual } from 'node:util'
import type { SessionContribution } from '../../../src/capabilities/totals/store'
import type { Position, Store } from '../../../src/db/store'
import type { Contribution } from '../../../src/domain/contribution'
import { contributionOf } from '../../../src/domain/session'
import { SessionCommands } from '../../../src/sessions/session-commands'
import { storeEveryKind } from '../../db/every-kind'
import { changeAny, failingAtTimes } from '../../support/changes'
import { randomFrom } from '../../support/random'
import { calculation, closing, idempotencyRecordOf, quiet, starting, stored } from '../../support/sessions'
import { logOf, overStores, suiteDatabase } from '../../support/stores'
import { until } from '../../support/until'

/** Sessions read in one step: ids after `after`, up to `last`. */
interface Part {
  after: string
  last: string | null
  sessions: SessionContribution[]
  position: Position
}

async function partsOf(store: Store, limit: number, between?: () => Promise<unknown>): Promise<Part[]> {
  const parts: Part[] = []
  for (let after: string | null = ''; after !== null; ) {
    const { sessions, next, position } = await store.totals.contributions(after, limit)
    parts.push({ after, last: next, sessions, position })
    after = next
    await between?.()
  }
  return parts
}

overStores(kind => {
  const database = suiteDatabase<Store>(kind.newDatabase)

  test('contributions cover every session in the order of ids, for any step size', async () => {
    const { store } = database
    const sessions = await storeEveryKind(store)
    const started = starting()
    await store.sessions.add({ ...started, idempotency: idempotencyRecordOf(started, 'a start') })
    // Its key keeps the start's idempotency record for a day.
    await store.sessions.close(closing(started.session), 1)
    const expected = sessions
      .map(session => {
        const { session_id, mentor_id, organisation_id } = session
        return { session_id, mentor_id, organisation_id, contribution: contributionOf(session) }
      })
      .sort((a, b) => (a.session_id < b.session_id ? -1 : 1))
    for (const limit of [1, 3, sessions.length, 1_000]) {
      const parts = await partsOf(store, limit)
      expect(parts.flatMap(part => part.sessions)).toEqual(expected)
      for (const { sessions } of parts) expect(sessions.length).toBeLessThanOrEqual(limit)
    }
    expect(
      (
        await store.totals.contributions(
          sessions
            .map(({ session_id }) => session_id)
            .sort()
            .at(-1) ?? '',
          5,
        )
      ).next,
    ).toBeNull()
  })

  test('contributions include every commit up to their position and none after it', async () => {
    const log = await logOf(database.store)
    const others = kind.shared ? [await database.open()] : []
    const writers = [database.store, ...others].map(store => ({
      sessions: new SessionCommands({ store, log: quiet, calculator: failingAtTimes }),
    }))
    const random = randomFrom(5)
    await Promise.all(Array.from({ length: 40 }, (_, i) => stored(database.store, {}, [calculation(i)])))
    const ids = (await partsOf(database.store, 100))
      .flatMap(({ sessions }) => sessions)
      .map(({ session_id }) => session_id)
    let reading = true
    const writing = writers.flatMap(writer =>
      Array.from({ length: 4 }, async () => {
        while (reading) await changeAny(writer, ids, random)
      }),
    )
    const parts: Part[] = []
    const commit = (): Promise<void> => {
      const { length } = log
      return until(() => log.length > length, 60_000, 'a commit')
    }
    while (log.length < 1_000) parts.push(...(await partsOf(database.store, 9, commit)))
    reading = false
    await Promise.all(writing)
    const last = await stored(database.store)
    await until(() => log.some(({ commit }) => commit.session_id === last.session_id), 60_000, 'the last commit')

    const end = (await partsOf(database.store, 1_000)).flatMap(({ sessions }) => sessions)
    let added = 0
    for (const { after, last, sessions, position } of parts) {
      const isWithin = ({ session_id }: { session_id: string }): boolean =>
        session_id > after && (last === null || session_id <= last)
      const contributions = new Map<string, Contribution | null>(
        sessions.map(({ session_id, contribution }) => [session_id, contribution]),
      )
      for (const { commit, ...entry } of log) {
        if (!isWithin(commit) || entry.position <= position) continue
        if (!isDeepStrictEqual(contributions.get(commit.session_id) ?? null, commit.contribution.before)) {
          throw new Error(
            `${JSON.stringify(commit)} does not follow ${JSON.stringify(contributions.get(commit.session_id))}`,
          )
        }
        contributions.set(commit.session_id, commit.contribution.after)
        added++
      }
      const known = Object.fromEntries([...contributions].filter(([, contribution]) => contribution))
      const expected = end.filter(isWithin).map(({ session_id, contribution }) => [session_id, contribution])
      expect(known).toEqual(Object.fromEntries(expected))
    }
    expect(added).toBeGreaterThan(100)
  })

  test('the log reaches the position of the contributions even if nothing more is written', async () => {
    const store = await (kind.shared ? database.open() : database.store)
    let told: Position = ''
    const at = (position: Position): void => {
      if (position > told) told = position
    }
    await store.log.follow({
      reset: at,
      advance: at,
      append: entry => at(entry.position),
      invalidate() {},
      failed() {},
    })
    await stored(store)
    const { position, reached } = await store.totals.contributions('', 10)
    await until(() => told >= reached, 60_000, 'the position')
    expect(position >= reached).toBe(true)
  })
})
