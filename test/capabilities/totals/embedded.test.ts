import type { Dimension } from '../../../src/capabilities/totals/store'
import type { Filter } from '../../../src/domain/list-query'
import { addManyRows, filters, statementPlans } from '../../db/embedded/many-rows'
import { embeddedDatabase, gathered, suiteDatabase } from '../../support/stores'

describe('the embedded store with 100,000 sessions', () => {
  const database = suiteDatabase(embeddedDatabase)
  beforeAll(() => addManyRows(database.store))

  const ranges: [Filter, Dimension[], string][] = [
    ...filters.map(([filter, index]): [Filter, Dimension[], string] => [filter, ['state', 'currency'], index]),
    [{}, ['mentor_id', 'state'], 'newest_by_mentor'],
    [{}, ['organisation_id', 'state'], 'newest_by_organisation'],
    [{ state: 'loaded' }, ['mentor_id', 'month'], 'newest_by_mentor'],
    [{ state: 'loaded' }, ['organisation_id'], 'newest_by_organisation'],
    [{ organisation_id: 'organisation_5' }, ['mentor_id', 'state'], 'newest_by_organisation'],
    [{ mentor_id: 'mentor_5' }, ['mentor_id', 'state'], 'newest_by_mentor'],
  ]

  test.each(ranges)('the totals of %j by %j are read along the index %s, in steps', async (filter, by, index) => {
    const plans = await statementPlans(database.store, () => gathered(database.store.totals.rows(filter, by)))
    const steps = plans.map(([first = '']) => first).filter(step => step.includes('<'))
    expect(steps.length).toBeGreaterThan(0)
    const range = /^SEARCH sessions USING INDEX (\w+) \(.*\((?:\w+,)?created_at,session_id\)>\(.*\) AND .*\)<\(.*\)\)$/
    for (const step of steps) expect(range.exec(step)?.[1]).toBe(index)
  })

  test.each(ranges)('the totals of %j by %j equal those of a single statement', async (filter, by) => {
    const where = Object.entries(filter).map(([name]) => `${name} = ?`)
    const sql = `SELECT ${[...by, 'count(*) AS sessions'].join(', ')} FROM sessions
      WHERE ${[...where, true].join(' AND ')} GROUP BY ${by.join(', ')}`
    const expected = database.store.db.prepare(sql).all(...Object.values(filter))
    const rows = await gathered(database.store.totals.rows(filter, by))
    expect(rows).toHaveLength(expected.length)
    expect(rows).toEqual(expect.arrayContaining(expected.map(row => expect.objectContaining(row))))
    const ids = rows.map(row => row[by[0] as Dimension]).filter((id, i, all) => i === 0 || id !== all[i - 1])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('other work gets its turn while everything is read', async () => {
    let turns = 0
    let reading = true
    const turn = () => {
      turns++
      if (reading) setImmediate(turn)
    }
    setImmediate(turn)
    const all = await database.store.lists.count({})
    expect(await gathered(database.store.totals.rows({}, []))).toMatchObject([{ sessions: all }])
    reading = false
    // About 500 of 100,000 rows are read per step.
    expect(turns).toBeGreaterThan(5)
  })
})
