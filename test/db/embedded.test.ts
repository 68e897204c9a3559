import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EmbeddedStore } from '../../src/db/embedded'
import type { Filter } from '../../src/db/store'
import { CannotStart } from '../../src/domain/errors'
import { calculation, noon, secondsAfter, stored } from '../support/sessions'
import { embeddedPlace, placed } from '../support/stores'

const size = 100_000

describe('the embedded store', () => {
  const held = placed(embeddedPlace)
  const file = () => held.place.env.DATA_FILE as string

  test('flushes each commit to the disk, and holds its file against others', () => {
    const pragma = (name: string) => held.store.db.pragma(name, { simple: true })
    expect(pragma('journal_mode')).toBe('wal')
    expect(pragma('synchronous')).toBe(2)
    expect(pragma('locking_mode')).toBe('exclusive')
    expect(pragma('foreign_keys')).toBe(1)
  })

  test('keeps its sessions and its identity when it is ended and opened again', async () => {
    const place = await embeddedPlace()
    const first = await place.open()
    const session = await stored(first, {}, [calculation(1)])
    await first.end()
    const second = await place.open()
    expect(second.identity).toBe(first.identity)
    expect(await second.read(session.session_id)).toEqual(session)
    await place.drop()
  })

  test('makes what is asked of it durable before it ends', async () => {
    const place = await embeddedPlace()
    const first = await place.open()
    const adding = stored(first)
    await first.end()
    const session = await adding
    expect(await (await place.open()).read(session.session_id)).toEqual(session)
    await place.drop()
  })

  describe('does not start', () => {
    function refusal(path: string): string {
      let thrown: unknown
      try {
        EmbeddedStore.open(path)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(CannotStart)
      expect((thrown as Error).message).toMatch(/^[^\n]+[^.]\.$/)
      return (thrown as Error).message
    }

    test('on a file that another process holds, and says so', () => {
      const script = `try { require(process.argv[1]).EmbeddedStore.open(process.argv[2]) }
        catch (error) { process.stdout.write(error.constructor.name + ': ' + error.message) }`
      const module = join(__dirname, '..', '..', 'src', 'db', 'embedded.js')
      const said = execFileSync(process.execPath, ['-e', script, module, file()], { encoding: 'utf8' })
      expect(said).toBe(
        `CannotStart: ${file()} is in use by another process: stop that one, or set DATA_FILE to another file.`,
      )
    })

    test('on a file that is open already', () => {
      expect(refusal(file())).toContain('is in use')
    })

    test('on a path below a file, and says what to set', () => {
      writeFileSync(`${file()}.txt`, 'no folder')
      expect(refusal(join(`${file()}.txt`, 'below', 'sessions.db'))).toMatch(/cannot be opened and written.*DATA_FILE/)
    })

    test('on a folder', () => {
      mkdirSync(`${file()}.folder`)
      expect(refusal(`${file()}.folder`)).toMatch(/cannot be opened and written/)
    })

    test('on a file of another kind, which it leaves as it is', () => {
      writeFileSync(`${file()}.txt`, 'a letter, and no database, which goes on for a while\n'.repeat(100))
      expect(refusal(`${file()}.txt`)).toMatch(/cannot be opened and written/)
    })
  })

  describe('over 100,000 sessions', () => {
    const age = (i: number) => secondsAfter(noon, Math.floor(i / 3))
    const middle = { created_at: age(size / 2), session_id: `session_${size / 2}` }

    beforeAll(() => {
      const { db } = held.store
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
    })

    /** The plan of the one statement that `ask` runs, as SQLite explains it. */
    async function planOf(ask: () => Promise<unknown>): Promise<string[]> {
      const { db } = held.store
      const prepare = jest.spyOn(db, 'prepare')
      await ask()
      const statements = prepare.mock.calls.map(([sql]) => sql)
      prepare.mockRestore()
      expect(statements).toHaveLength(1)
      const [sql = ''] = statements
      const values = Array(sql.split('?').length - 1).fill(null)
      const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[]
      return rows.map(({ detail }) => detail)
    }

    const filters: [Filter, string][] = [
      [{}, 'newest'],
      [{ mentor_id: 'mentor_5' }, 'newest_by_mentor'],
      [{ organisation_id: 'organisation_5' }, 'newest_by_organisation'],
      [{ state: 'loaded' }, 'newest_by_state'],
      [{ mentor_id: 'mentor_5', state: 'error' }, 'newest_by_mentor_and_state'],
      [{ mentor_id: 'mentor_5', organisation_id: 'organisation_5' }, 'newest_by_mentor'],
      [{ organisation_id: 'organisation_5', state: 'initial' }, 'newest_by_organisation_and_state'],
      [{ mentor_id: 'mentor_5', organisation_id: 'organisation_5', state: 'loaded' }, 'newest_by_mentor_and_state'],
    ]

    test.each(filters)('a page of %j is read in the order of the index %s, without a sort', async (filter, index) => {
      const all = Object.keys(filter).length === 0
      for (const page of [{ offset: 0 }, { after: middle }]) {
        const plan = await planOf(() => held.store.list(filter, { limit: 50, ...page }))
        const how = all && 'offset' in page ? 'SCAN' : 'SEARCH'
        expect(plan).toEqual([expect.stringMatching(new RegExp(`^${how} sessions USING INDEX ${index}( |$)`))])
      }
    })

    test.each(filters)(
      'the count of %j is read from the index %s, or from the one with the state',
      async (filter, index) => {
        const [step, ...others] = await planOf(() => held.store.count(filter))
        expect(others).toEqual([])
        if (Object.keys(filter).length === 0) expect(step).toMatch(/^SCAN sessions USING COVERING INDEX /)
        else expect(step).toMatch(new RegExp(`^SEARCH sessions USING (COVERING )?INDEX ${index}(_and_state)? `))
      },
    )
  })
})
