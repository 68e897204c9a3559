import type { EmbeddedStore } from '../../src/db/embedded/embedded-store'
import type { MongoStore } from '../../src/db/mongo/mongo-store'
import type { Store, Write } from '../../src/db/store'
import { currencies, labelCharacters, noteCharacters, valueSourceCharacters } from '../../src/domain/limits'
import { type Command, contributionOf, type Session, snapshotMembers } from '../../src/domain/session'
import { calculation, changing, starting } from './sessions'

type Who = { session_id: string; mentor_id: string; organisation_id?: string }

/** Stores a session, and applies these commands to it in one write. */
async function add(store: Store, who: Who, commands: Command[]): Promise<Session> {
  const start = starting(who)
  await store.sessions.add(start)
  const all: Write = { session: start.session, changes: [], before: contributionOf(start.session) }
  for (const command of commands) {
    const { session, changes } = changing(all.session, command)
    all.session = session
    all.changes.push(...changes)
  }
  await store.sessions.save(all, start.session.version)
  return all.session
}

async function addAll(adds: (() => Promise<unknown>)[]): Promise<void> {
  for (let i = 0; i < adds.length; i += 500) await Promise.all(adds.slice(i, i + 500).map(add => add()))
}

/** Stores a session with a result for each of these months and each currency. */
export const addEveryCurrency = (store: Store, mentor_id: string, months: string[]): Promise<void> =>
  addAll(
    [undefined, ...currencies].flatMap(currency =>
      months.map((month, m) => {
        const figures = { ...calculation(m + 1).payload, avg_minutes: 17.77, cost_per_session: 3.3333 }
        const payload = { ...figures, period: { from: '2000-01-01', to: `${month}-28` }, ...(currency && { currency }) }
        const session_id = `${mentor_id} ${currency} ${month}`
        return () =>
          add(store, { session_id, mentor_id, organisation_id: mentor_id }, [{ event: 'CalculateRequested', payload }])
      }),
    ),
  )

export const longestTexts = {
  label: '☕'.repeat(labelCharacters),
  value_source: '☕'.repeat(valueSourceCharacters),
  note: '☕'.repeat(noteCharacters),
}

const described = (sessions: number): Command => {
  const { event, payload } = calculation(sessions)
  return { event, payload: { ...payload, ...longestTexts } }
}

/** Stores a session with the maximum number of results. */
export function addResults(store: Store, session_id: string): Promise<Session> {
  const commands = Array.from({ length: 499 }, (_, i) => described(i))
  return add(store, { session_id, mentor_id: '☕'.repeat(200) }, commands)
}

/** Stores a session with the maximum number of share links. */
export function addShares(store: Store, session_id: string): Promise<Session> {
  const commands = Array.from({ length: 333 }, (_, i): Command[] => [described(i), { event: 'ShareRequested' }]).flat()
  return add(store, { session_id, mentor_id: '☕'.repeat(200) }, commands)
}

/**
 * Copies a stored session with its share links and its latest results, without commits. Returns the ids of the copies.
 */
export async function copy(store: Store, { session_id }: Session, count: number, results: number): Promise<string[]> {
  if ('client' in store) {
    const pipeline = [
      { $match: { _id: session_id } },
      { $set: { n: { $range: [0, count] }, results: { $slice: ['$results', -results] } } },
      { $unwind: '$n' },
      {
        $set: { _id: { $concat: [session_id, '_', { $toString: '$n' }] }, 'shares.token': { $concat: ['$_id', '_'] } },
      },
      {
        $set: {
          shares: {
            $map: {
              input: '$shares',
              in: { $mergeObjects: ['$$this', { token: { $concat: ['$_id', '$$this.result_id'] } }] },
            },
          },
        },
      },
      { $unset: 'n' },
      { $merge: 'sessions' },
    ]
    await (store as MongoStore).db.collection('sessions').aggregate(pipeline).toArray()
  } else {
    const numbers = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`
    const others = snapshotMembers.filter(name => name !== 'session_id').join(', ')
    const id = `'${session_id}_' || i`
    ;(store as EmbeddedStore).db.exec(`
      ${numbers} INSERT INTO sessions (session_id, ${others}, calculations)
        SELECT ${id}, ${others}, calculations FROM n, sessions WHERE session_id = '${session_id}';
      ${numbers} INSERT INTO results (session_id, result_id, sequence, computed_at, body)
        SELECT ${id}, result_id, sequence, computed_at, body FROM n,
          (SELECT * FROM results WHERE session_id = '${session_id}' ORDER BY sequence DESC LIMIT ${results});
      ${numbers} INSERT INTO shares
        SELECT token || i, ${id}, sequence, result_id, expires_at, revoked, days, show_organisation FROM n, shares WHERE session_id = '${session_id}';
    `)
  }
  return Array.from({ length: count }, (_, i) => `${session_id}_${i}`)
}

/** Selects every figure in every currency. */
export const allAmounts =
  'amounts { currency results sessionsHeld totalHours programmeCost timeValue netBenefit benefitCostRatio }'

/** Returns `count` fields, each made from its number. */
export const repeat = (count: number, field: (number: number) => string): string =>
  Array.from({ length: count }, (_, number) => field(number)).join(' ')
