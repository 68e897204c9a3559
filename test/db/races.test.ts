import { setTimeout as wait } from 'node:timers/promises'
import type { Store } from '../../src/db/store'
import { DomainError } from '../../src/domain/errors'
import { type ChangeOutcome, SessionCommands } from '../../src/sessions/session-commands'
import { calculation, quiet, sessionsOver, stored } from '../support/sessions'
import { overStores, suiteDatabase } from '../support/stores'

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  /** Returns the use cases of each process that shares the store. */
  async function processes(): Promise<SessionCommands[]> {
    const others = kind.shared ? await Promise.all([1, 2, 3].map(() => database.open())) : []
    return [database.store, ...others].map(sessionsOver)
  }

  /** Retries like a client: repeats an unavailable request under the same key after a pause. */
  async function persist(ask: () => Promise<ChangeOutcome>): Promise<ChangeOutcome> {
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof DomainError && error.code === 'unavailable')) throw error
        await wait(Math.random() * 50)
      }
    }
  }

  /** Reads continuously and reports the versions and states that it saw. */
  function watching(store: Store, session_id: string): { end(): Promise<{ versions: number[]; states: Set<string> }> } {
    let ended = false
    const seen = { versions: [] as number[], states: new Set<string>() }
    const reading = (async () => {
      while (!ended) {
        const session = await store.sessions.read(session_id)
        seen.versions.push(session?.version ?? 0)
        seen.states.add(session?.state ?? 'absent')
        await new Promise(setImmediate)
      }
    })()
    return {
      async end() {
        ended = true
        await reading
        return seen
      },
    }
  }

  test('fifty concurrent writers make each change exactly once, in one sequence without holes', async () => {
    const all = await processes()
    const { session_id } = await stored(database.store)
    const watch = watching(database.store, session_id)
    const writers = Array.from({ length: 50 }, (_, i) =>
      persist(() =>
        (all[i % all.length] as SessionCommands).dispatch(session_id, calculation(i), { idempotency_key: `${i}` }),
      ),
    )
    const answers = await Promise.all(writers)
    const seen = await watch.end()

    const read = (await database.store.sessions.transitions(session_id, 0, 1_000)) ?? []
    // A write does not answer with the owners.
    const transitions = read.map(({ owners: _, ...transition }) => transition)
    expect(transitions.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 101 }, (_, i) => i + 1))
    const answered = answers.flatMap(answer => answer.transitions).sort((a, b) => a.sequence - b.sequence)
    expect(answered).toEqual(transitions.slice(1))
    const results = await database.store.sessions.results(session_id)
    expect(results.map(({ inputs }) => inputs.sessions).sort((a, b) => a - b)).toEqual([...Array(50).keys()])
    const session = await database.store.sessions.read(session_id)
    expect(session).toMatchObject({
      version: 101,
      state: 'loaded',
      result_id: results[0]?.result_id,
      result: results[0],
    })

    expect(seen.versions).toEqual(seen.versions.toSorted((a, b) => a - b))
    expect(seen.versions.length).toBeGreaterThan(10)
    expect([...seen.states].filter(state => state !== 'initial' && state !== 'loaded')).toEqual([])
  })

  test('one request sent to every process at once takes effect once, and each process returns its response', async () => {
    const all = await processes()
    const failing = new SessionCommands({
      store: database.store,
      log: quiet,
      calculator: () => {
        throw new Error('a defect')
      },
    })
    for (let round = 0; round < 20; round++) {
      const { session_id } = await stored(database.store)
      const failed = await failing.dispatch(session_id, calculation(1))
      expect(failed.session.state).toBe('error')
      const conditions = { idempotency_key: 'once', expected_versions: [failed.session.version] }
      const asked = all.map(sessions => sessions.dispatch(session_id, { event: 'RetryRequested' }, conditions))
      const answers = await Promise.all(asked)

      expect(answers.filter(answer => !answer.replayed)).toHaveLength(1)
      expect(new Set(answers.map(answer => JSON.stringify(answer.transitions))).size).toBe(1)
      expect(answers[0]?.transitions.map(({ sequence }) => sequence)).toEqual([4, 5])
      expect(await database.store.sessions.transitions(session_id, 0, 100)).toHaveLength(5)
    }
  })

  test('one start sent to every process at once starts one session, and each process returns its response', async () => {
    const all = await processes()
    for (let round = 0; round < 10; round++) {
      const body = { mentor_id: `starter ${round}` }
      const asked = all.map(sessions => sessions.start(body, { idempotency_key: `start ${round}` }))
      const answers = await Promise.all(asked)
      expect(new Set(answers.map(answer => answer.session.session_id)).size).toBe(1)
      expect(answers.filter(answer => !answer.replayed)).toHaveLength(1)
      expect(await database.store.lists.count(body)).toBe(1)
    }
  })

  test('a session closed among concurrent writers is gone for all of them', async () => {
    const all = await processes()
    const { session_id } = await stored(database.store)
    const writers = Array.from({ length: 20 }, (_, i) =>
      persist(() => (all[i % all.length] as SessionCommands).dispatch(session_id, calculation(i))).then(
        () => 'changed',
        (error: DomainError) => error.code,
      ),
    )
    await all[0]?.close(session_id)
    const outcomes = new Set(await Promise.all(writers))
    expect([...outcomes].filter(outcome => outcome !== 'changed' && outcome !== 'session_not_found')).toEqual([])
    expect(await database.store.sessions.read(session_id)).toBeNull()
    expect(await database.store.sessions.results(session_id)).toEqual([])
  })
})
