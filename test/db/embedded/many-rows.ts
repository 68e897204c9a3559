import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import type { Filter } from '../../../src/domain/list-query'
import { noon, secondsAfter } from '../../support/sessions'

export const size = 100_000

export const age = (i: number) => secondsAfter(noon, Math.floor(i / 3))

/** Adds many sessions without transitions. */
export function addManyRows({ db }: EmbeddedStore): void {
  const insert = db.prepare(
    `INSERT INTO sessions (session_id, mentor_id, organisation_id, state, created_at, updated_at, version)
     VALUES (?, ?, ?, ?, ?, ?, 1)`,
  )
  db.transaction(() => {
    for (let i = 0; i < size; i++) {
      const organisation = i % 7 === 0 ? null : `organisation_${i % 11}`
      const state = ['initial', 'loaded', 'loaded', 'error'][i % 4]
      insert.run(`session_${i}`, `mentor_${i % 97}`, organisation, state, age(i), age(i))
    }
  })()
}

/** Returns the query plan of each new statement that `ask` runs, from SQLite's EXPLAIN QUERY PLAN. */
export async function statementPlans({ db }: EmbeddedStore, ask: () => Promise<unknown>): Promise<string[][]> {
  const prepare = db.prepare.bind(db)
  const plans: string[][] = []
  const preparing = jest.spyOn(db, 'prepare').mockImplementation(((sql: string) => {
    const values = Array(sql.split('?').length - 1).fill(null)
    const rows = prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[]
    plans.push(rows.map(({ detail }) => detail))
    return prepare(sql)
  }) as typeof db.prepare)
  await ask()
  preparing.mockRestore()
  return plans
}

/** Filters, and the index from which each one reads. */
export const filters: [Filter, string][] = [
  [{}, 'newest'],
  [{ mentor_id: 'mentor_5' }, 'newest_by_mentor'],
  [{ organisation_id: 'organisation_5' }, 'newest_by_organisation'],
  [{ state: 'loaded' }, 'newest_by_state'],
  [{ mentor_id: 'mentor_5', state: 'error' }, 'newest_by_mentor_and_state'],
  [{ organisation_id: 'organisation_5', state: 'initial' }, 'newest_by_organisation_and_state'],
]
