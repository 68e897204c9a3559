import type { Store } from '../../src/db/store'
import type { Commit } from '../../src/domain/commit'
import { contributionOf } from '../../src/domain/session'
import { SessionCommands } from '../../src/sessions/session-commands'
import { changeAny, failingAtTimes, inputsFrom } from '../support/changes'
import { randomFrom } from '../support/random'
import { noon, quiet } from '../support/sessions'
import { logOf, overStores, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

overStores(kind => {
  const database = suiteDatabase<Store>(kind.newDatabase)

  test('each commit of a session states its contribution before, equal to the contribution after the previous commit', async () => {
    const log = await logOf(database.store)
    let now = Date.parse(noon)
    const clock = () => new Date(now)
    const others = kind.shared ? await database.open() : database.store
    const processes = [database.store, others].map(store => ({
      sessions: new SessionCommands({ store, log: quiet, calculator: failingAtTimes, clock }),
    }))
    const random = randomFrom(3)
    const ids: string[] = []
    for (let step = 0; step < 120; step++) {
      now += Math.floor(random() * 600_000)
      // In a race, one of the two loses its write and decides again.
      await Promise.all(processes.map(process => changeAny(process, ids, random)))
      const [one, other] = processes.map(({ sessions }) => sessions) as [SessionCommands, SessionCommands]
      const id = ids[Math.floor(random() * ids.length)] as string
      const asked = [id, { event: 'CalculateRequested', payload: inputsFrom(random) }] as const
      await Promise.allSettled([
        one.dispatch(...asked),
        other.dispatch(...asked, { idempotency_key: `key ${step}` }),
        other.dispatch(...asked, { idempotency_key: `key ${step}` }),
      ])
    }

    const told = new Map<string, Commit[]>()
    const isToldAll = async () => {
      told.clear()
      for (const { commit } of log) told.set(commit.session_id, [...(told.get(commit.session_id) ?? []), commit])
      const sessions = await Promise.all(ids.map(id => database.store.sessions.read(id)))
      return sessions.every((session, i) => {
        const last = told
          .get(ids[i] as string)
          ?.at(-1)
          ?.transitions.at(-1)
        return session ? last?.sequence === session.version : last?.event === 'SessionClosed'
      })
    }
    await until(isToldAll, 60_000, 'all commits')

    let chained = 0
    for (const [session_id, commits] of told) {
      // A write that only stores an idempotency record is not a commit.
      const sequences = commits.flatMap(({ transitions }) => transitions).map(({ sequence }) => sequence)
      expect(sequences).toEqual(sequences.map((_, i) => i + 1))
      let former: unknown = null
      for (const { contribution } of commits) {
        expect(contribution.before).toEqual(former)
        former = contribution.after
        chained++
      }
      const session = await database.store.sessions.read(session_id)
      expect(former).toEqual(session && contributionOf(session))
    }
    expect(chained).toBeGreaterThan(200)
    const contributions = [...told.values()].flat().map(({ contribution }) => contribution.after)
    expect(contributions.some(after => after?.state === 'error' && after.result)).toBe(true)
    expect(contributions.some(after => after?.state === 'initial' && after.calculations.length > 1)).toBe(true)
    expect(contributions).toContain(null)
  })
})
