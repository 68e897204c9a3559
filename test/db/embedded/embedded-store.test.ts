import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { StartupError } from '../../../src/domain/errors'
import type { Filter } from '../../../src/domain/list-query'
import { calculation, stored } from '../../support/sessions'
import { embeddedDatabase, openEmbedded, suiteDatabase } from '../../support/stores'
import { addManyRows, age, filters, size, statementPlans } from './many-rows'

describe('the embedded store', () => {
  const database = suiteDatabase(embeddedDatabase)
  const file = () => database.env.DATA_FILE as string

  test('flushes each commit to disk, and locks its file against other processes', () => {
    const pragma = (name: string) => database.store.db.pragma(name, { simple: true })
    expect(pragma('journal_mode')).toBe('wal')
    expect(pragma('synchronous')).toBe(2)
    expect(pragma('locking_mode')).toBe('exclusive')
    expect(pragma('foreign_keys')).toBe(1)
  })

  test('keeps its sessions and its identity when it is closed and reopened', async () => {
    const database = await embeddedDatabase()
    const first = await database.open()
    const session = await stored(first, {}, [calculation(1)])
    await first.end()
    const second = await database.open()
    expect(second.identity).toBe(first.identity)
    expect(await second.sessions.read(session.session_id)).toEqual(session)
    await database.drop()
  })

  test('makes requested writes durable before it ends', async () => {
    const database = await embeddedDatabase()
    const first = await database.open()
    const adding = stored(first)
    await first.end()
    const session = await adding
    expect(await (await database.open()).sessions.read(session.session_id)).toEqual(session)
    await database.drop()
  })

  describe('does not start', () => {
    function refusal(path: string): string {
      let thrown: unknown
      try {
        openEmbedded(path)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(StartupError)
      expect((thrown as Error).message).toMatch(/^[^\n]+[^.]\.$/)
      return (thrown as Error).message
    }

    test('on a file that another process holds, and says so', () => {
      const script = `try { require(process.argv[1]).openEmbeddedStore(process.argv[2]) }
        catch (error) { process.stdout.write(error.constructor.name + ': ' + error.message) }`
      const module = join(__dirname, '../../../src/db/embedded/embedded-store.js')
      const said = execFileSync(process.execPath, ['-e', script, module, file()], { encoding: 'utf8' })
      expect(said).toBe(
        `StartupError: ${file()} is in use by another process: stop it, or set DATA_FILE to another file.`,
      )
    })

    test('on a file that is already open in this process', () => {
      expect(refusal(file())).toContain('is in use')
    })

    test.each([
      ['of a later layout', 'PRAGMA user_version = 999', /was written by a later version of this program: .*DATA_FILE/],
      ['of version 1.1', 'PRAGMA user_version = 2', /was written by version 1\.0 or 1\.1 .*start version 1\.2 once/],
      ['of an unknown layout', 'PRAGMA user_version = 0', /has a layout that this program does not know: .*DATA_FILE/],
    ])('on a file %s, and leaves the file as it is', async (_, sql, sentence) => {
      const database = await embeddedDatabase()
      const path = database.env.DATA_FILE as string
      await (await database.open()).end()
      const tables = () => {
        const db = new Database(path)
        const found = [db.pragma('user_version'), db.prepare('SELECT * FROM sqlite_schema').all()]
        db.close()
        return found
      }
      new Database(path).exec(sql).close()
      const before = tables()
      expect(refusal(path)).toMatch(sentence)
      expect(tables()).toEqual(before)
      await database.drop()
    })

    test.each([
      ['below a file', 'letter.txt'],
      ['below a link to a folder that does not exist', 'link'],
      ['below a link to itself', 'loop'],
    ])('in a folder that cannot be created: %s', (_, name) => {
      const folder = dirname(file())
      rmSync(join(folder, name), { force: true })
      if (name === 'letter.txt') writeFileSync(join(folder, name), 'no folder')
      else symlinkSync(name === 'link' ? join(folder, 'absent', 'folder') : name, join(folder, name))
      for (const path of [join(name, 'sessions.db'), join(name, 'deep', 'sessions.db')]) {
        expect(refusal(join(folder, path))).toMatch(/cannot be opened for writing.*set DATA_FILE to a file in a folder/)
      }
    })

    test('in a folder below /proc, which contains none but its own', () => {
      for (const path of ['/proc/none/sessions.db', '/proc/none/deep/sessions.db']) {
        expect(refusal(path)).toMatch(/cannot be opened for writing.*set DATA_FILE to a file in a folder/)
      }
    })

    test('on a folder', () => {
      mkdirSync(`${file()}.folder`)
      expect(refusal(`${file()}.folder`)).toMatch(/is a folder: set DATA_FILE to a file in it/)
    })

    test('on a file of another kind, and leaves it as it is', () => {
      const letter = 'a letter, and no database, which goes on for a while\n'.repeat(100)
      writeFileSync(`${file()}.txt`, letter)
      expect(refusal(`${file()}.txt`)).toMatch(/is not an SQLite database: keep it, and set DATA_FILE to another file/)
      expect(readFileSync(`${file()}.txt`, 'utf8')).toBe(letter)
    })

    test.each([0, 1])('on the database of another program of version %i, and leaves it as it is', version => {
      const path = `${file()}.other-${version}`
      const sql = `PRAGMA user_version = ${version}; CREATE TABLE sessions (name TEXT)`
      new Database(path).exec(sql).close()
      const bytes = readFileSync(path)
      expect(refusal(path)).toMatch(/has a layout that this program does not know: .*DATA_FILE/)
      expect(readFileSync(path).equals(bytes)).toBe(true)
    })
  })

  describe('over 100,000 sessions', () => {
    beforeAll(() => addManyRows(database.store))
    const plansOf = (ask: () => Promise<unknown>) => statementPlans(database.store, ask)
    const middle = { created_at: age(size / 2), session_id: `session_${size / 2}` }

    test.each(filters)('a page of %j is read in the order of the index %s, without a sort', async (filter, index) => {
      const all = Object.keys(filter).length === 0
      for (const page of [{ offset: 0 }, { offset: 0, fromEnd: true }, { after: middle }]) {
        const plans = await plansOf(() => database.store.lists.list(filter, { limit: 50, ...page }))
        const how = all && 'offset' in page ? 'SCAN' : 'SEARCH'
        expect(plans).toEqual([[expect.stringMatching(new RegExp(`^${how} sessions USING INDEX ${index}( |$)`))]])
      }
    })

    const months = { from: '2026-01', to: '2026-03' }
    test.each<[Filter, string]>([
      [{ mentor_id: 'mentor_5', organisation_id: 'organisation_5' }, 'newest_by_mentor'],
      [{ mentor_id: 'mentor_5', organisation_id: null, state: 'loaded' }, 'newest_by_mentor_and_state'],
      [{ months }, 'newest'],
      [{ months, state: 'loaded' }, 'newest'],
      [{ months, mentor_id: 'mentor_5' }, 'newest_by_mentor'],
      [{ months, organisation_id: 'organisation_5', state: 'error' }, 'newest_by_organisation_and_state'],
    ])('a page of %j is read along the index %s, in steps, without a sort', async (filter, index) => {
      // A statement that was prepared before has no plan here.
      const plans = await plansOf(async () => {
        for (const page of [{ offset: 0 }, { offset: 5, fromEnd: true }, { after: middle }]) {
          await database.store.lists.list(filter, { limit: 50, ...page })
        }
      })
      expect(plans.length).toBeGreaterThanOrEqual(4)
      const along = new RegExp(`^(SCAN|SEARCH) sessions USING (COVERING )?INDEX ${index}( |$)`)
      for (const plan of plans) expect(plan).toEqual([expect.stringMatching(along)])
    })

    test.each<Filter>([{ months }, { months, state: 'loaded' }, { months, organisation_id: 'organisation_5' }])(
      'a page of %j in another order is read from the index `sorting` alone',
      async filter => {
        const order = { by: 'time_value', descending: true, currency: null } as const
        const plans = await plansOf(() => database.store.lists.sorted(filter, order, { limit: 50 }))
        for (const [first] of plans) expect(first).toMatch(/^SEARCH sessions USING COVERING INDEX sorting /)
      },
    )

    test.each(filters)('the count of %j is read from the index %s, in steps', async (filter, index) => {
      const plans = await plansOf(() => database.store.lists.count(filter))
      const isOfBoth = filter.mentor_id !== undefined && filter.organisation_id !== undefined
      expect(plans).toEqual([
        [expect.stringMatching(new RegExp(`^SEARCH sessions USING COVERING INDEX ${index} .*>`))],
        [
          expect.stringMatching(
            new RegExp(`^SEARCH sessions USING ${isOfBoth ? '' : 'COVERING '}INDEX ${index} .*>.*<`),
          ),
        ],
      ])
    })
  })

  test.each([
    [{ mentor_id: 'm' }, 'commits_of_mentor'],
    [{ organisation_id: 'o' }, 'commits_of_organisation'],
    [{ mentor_id: 'm', organisation_id: 'o' }, 'commits_of_mentor'],
  ])(
    'history of %j is read in order from the index %s, however many other commits lie between',
    async (filter, index) => {
      const { db } = database.store
      const prepare = jest.spyOn(db, 'prepare')
      await database.store.log.history('0'.repeat(15), 10, filter)
      const sql =
        prepare.mock.calls.map(([sql]) => sql).find(sql => /json_extract.*ORDER BY position (?!DESC)/s.test(sql)) ?? ''
      prepare.mockRestore()
      const values = Array(sql.split('?').length - 1).fill(null)
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
      const detail = `SEARCH commits USING INDEX ${index} (<expr>=? AND rowid>?)`
      expect(plan).toEqual([expect.objectContaining({ detail })])
    },
  )
})
