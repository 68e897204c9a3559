import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import type { EmbeddedStore } from '../../src/db/embedded/embedded-store'
import { type SessionDocument, storedCommit } from '../../src/db/mongo/documents'
import type { MongoStore } from '../../src/db/mongo/mongo-store'
import type { Store } from '../../src/db/store'
import type { Commit } from '../../src/domain/commit'
import type { Result, Session, Transition } from '../../src/domain/session'
import { randomFrom } from '../support/random'
import { overStores, type TestDatabase } from '../support/stores'
import type { Line } from './crash-writer'

const rounds = 6

/** Runs a writer over the place and kills it when it prints answer number `count`. */
async function killed(database: TestDatabase, seed: number, count: number): Promise<Line[]> {
  const script = join(__dirname, 'crash-writer.js')
  const env = { ...process.env, ...database.env }
  const writer = spawn(process.execPath, [script, `${seed}`], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(writer, 'close')
  let printed = ''
  let lines = 0
  writer.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk
    lines += chunk.split('\n').length - 1
    if (lines >= count) writer.kill('SIGKILL')
  })
  try {
    expect(await ended).toEqual([null, 'SIGKILL'])
  } finally {
    writer.kill('SIGKILL')
  }
  const whole = printed.slice(0, printed.lastIndexOf('\n'))
  return whole.split('\n').map(line => JSON.parse(line))
}

interface Kept {
  session: Session
  transitions: Transition[]
  results: Result[]
  /** Its last transitions, as far as the store's log still has them for subscribers. */
  told: Transition[]
}

/** Reads a session and its history at the same version. A write of the killed process may still arrive. */
async function whole(store: Store, session_id: string): Promise<Kept | null> {
  for (;;) {
    const before = await store.sessions.read(session_id)
    const read = await store.sessions.transitions(session_id, 0, 10_000)
    const transitions = read?.map(({ owners: _, ...transition }) => transition)
    const results = await store.sessions.results(session_id)
    const told = (await commits(store, session_id)).flatMap(commit => commit.transitions)
    const session = await store.sessions.read(session_id)
    if (before?.version !== session?.version) continue
    return session && transitions ? { session, transitions, results, told } : null
  }
}

function expectConsistent({ session, transitions, results }: Kept): void {
  const last = transitions.at(-1)
  expect(transitions.map(({ sequence }) => sequence)).toEqual(transitions.map((_, i) => i + 1))
  expect(session.version).toBe(transitions.length)
  expect(last).toMatchObject({ to: session.state, result_id: session.result_id, at: session.updated_at })
  expect(transitions.map(({ from }) => from)).toEqual([null, ...transitions.slice(0, -1).map(({ to }) => to)])
  expect(['initial', 'loaded']).toContain(session.state)
  const made = transitions.filter(({ from, to }) => from === 'loading' && to === 'loaded')
  expect(results.map(({ result_id }) => result_id).toReversed()).toEqual(made.map(({ result_id }) => result_id))
  expect(session.result).toEqual(session.result_id === null ? null : results[0])
}

async function commits(store: Store, session_id: string): Promise<Commit[]> {
  if (!('client' in store)) {
    const { db } = store as EmbeddedStore
    const sql = "SELECT body FROM commits WHERE json_extract(body, '$.session_id') = ? ORDER BY position"
    return (db.prepare(sql).pluck().all(session_id) as string[]).map(body => JSON.parse(body))
  }
  const documents = (store as MongoStore).db.collection<SessionDocument>('sessions')
  return (await documents.find({ _id: session_id }).toArray()).map(({ commit }) => storedCommit(session_id, commit))
}

overStores(kind => {
  const seed = Number(process.env.TEST_SEED ?? randomInt(1_000_000))

  test(`a process killed while it writes loses no acknowledged write and leaves none half done (TEST_SEED=${seed})`, async () => {
    const database = await kind.newDatabase()
    const random = randomFrom(seed)
    const answered = new Map<string, Transition[]>()
    const closing = new Set<string>()
    const closed = new Set<string>()
    try {
      for (let round = 0; round < rounds; round++) {
        for (const line of await killed(database, seed + round, 1 + Math.floor(random() * 300))) {
          if (line.did === 'closing') closing.add(line.session_id)
          if (line.did === 'closed') closed.add(line.session_id)
          if (line.did === 'changed') {
            const { session_id } = line.session
            answered.set(session_id, [...(answered.get(session_id) ?? []), ...line.transitions])
          }
        }
        const store = await database.open()
        const listed = await store.lists.list({}, { limit: 10_000, offset: 0 })
        const ids = [...new Set([...answered.keys(), ...listed.map(session => session.session_id)])]
        const all = await Promise.all(ids.map(session_id => whole(store, session_id)))
        for (const [i, session_id] of ids.entries()) {
          const found = all[i]
          if (closed.has(session_id)) expect(found).toBeNull()
          if (!found) {
            expect(closing).toContain(session_id)
            continue
          }
          expectConsistent(found)
          for (const transition of answered.get(session_id) ?? []) {
            expect(found.transitions[transition.sequence - 1]).toEqual(transition)
          }
          expect(found.told.length).toBeGreaterThan(0)
          expect(found.told).toEqual(
            kind.name === 'mongo' ? found.transitions.slice(-found.told.length) : found.transitions,
          )
        }
        await store.end()
      }
      expect(answered.size).toBeGreaterThan(10)
    } finally {
      await database.drop()
    }
  })
})
