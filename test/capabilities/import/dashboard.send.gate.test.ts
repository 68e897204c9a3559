import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { rowsPerRequest } from '../../../dashboard/src/capabilities/import/rows'
import type { Store } from '../../../src/db/store'
import { inputsOf } from '../../support/inputs'
import { intercepting } from '../../support/intercepting'
import { describePages } from '../../support/pages'
import { freePort } from '../../support/port'
import { folder, run } from '../../support/process'
import { client } from '../../support/rest'
import { type Server, serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { imported, path as importsPath } from './importing'
import { button, cell, faultOf, head, opened, row, show, some, there, wanted } from './page'

const progress = (page: Page, stored: number, all: string) => page.getByText(`${stored} of ${all} rows`).waitFor()

/** Rows of few mentors, which differ in their costs. */
const many = (prefix: string, count: number): string[][] =>
  Array.from({ length: count }, (_, at) => row(`${prefix}-${at % 4}`).with(6, (at + 1).toFixed(2)))

async function undo(page: Page): Promise<void> {
  await button(page, 'Undo this import').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click()
}

const withIds = (ids: string[], rows: string[][]): string[][] => [
  [...head, 'CRM id'],
  ...rows.map((cells, at) => [...cells, ids[at] ?? '']),
]

describePages('an import', pages => {
  const held = Promise.withResolvers<void>()
  const server = serving(embeddedDatabase, {
    store: opened =>
      intercepting<Store>(opened, {
        sessions: {
          async add(write) {
            if (write.session.mentor_id === 'held') await held.promise
            return opened.sessions.add(write)
          },
        },
      }),
  })

  test('counts the rows as the server stores them, stops after those that it has, and can continue', async () => {
    const all = rowsPerRequest + 50
    const page = await opened(pages, server, [head, ...many('counted', all).with(149, row('held'))])
    await button(page, `Import ${all} rows`).click()
    await progress(page, 149, String(all))
    await button(page, 'Stop').click()
    await page.getByText('Stopping after the rows that are being sent').waitFor()
    expect(await page.evaluate("document.activeElement.closest('.import-progress') !== null")).toBe(true)
    held.resolve()
    await button(page, 'Continue with 50 rows').waitFor()
    await show(page, `Imported ${rowsPerRequest}`).waitFor()
    expect(await client(server).total()).toBe(rowsPerRequest)
    await button(page, 'Continue with 50 rows').click()
    await show(page, `Imported ${all}`).waitFor()
    expect(await client(server).total()).toBe(all)
  })

  test('of 1,000 rows shows its progress, and is undone', async () => {
    const page = await opened(pages, server, [head, ...many('thousand', 1_000)])
    const before = await client(server).total()
    let requests = 0
    await page.route(`**${importsPath}`, async route => {
      const sent = requests++ * rowsPerRequest
      if (sent > 0) await progress(page, sent, '1,000')
      await route.continue()
    })
    await button(page, 'Import 1,000 rows').click()
    await show(page, 'Imported 1,000').waitFor()
    expect(requests).toBe(1_000 / rowsPerRequest)
    expect(await client(server).total()).toBe(before + 1_000)
    await undo(page)
    await button(page, 'Import 1,000 rows').waitFor()
    expect(await client(server).total()).toBe(before)
  })

  test('finds out what the server stored, if a response is lost', async () => {
    const page = await opened(pages, server, [head, ...some('lost', 3)])
    let isLost = true
    await page.route(`**${importsPath}`, async route => {
      if (!isLost) return route.continue()
      isLost = false
      const [first] = String(route.request().postData()).split('\n')
      await route.fetch({ postData: `${first}\n` })
      await route.abort('connectionreset')
    })
    await button(page, 'Import 3 rows').click()
    await show(page, 'Imported 3').waitFor()
    expect(await there(server, 'lost')).toEqual(wanted('lost', 3))
  })

  test('that was stopped without an answer is undone as far as the server stored it', async () => {
    const page = await opened(pages, server, [head, ...some('unknown', 2)])
    let isLost = true
    const sent: string[] = []
    await page.route(`**${importsPath}`, async route => {
      const lines = String(route.request().postData())
      if (!isLost) {
        sent.push(...lines.trim().split('\n'))
        return route.continue()
      }
      await route.fetch({ postData: `${lines.split('\n')[0]}\n` })
      await route.abort('connectionreset')
    })
    await button(page, 'Import 2 rows').click()
    await page.getByText('The server is busy, or we can’t reach it').waitFor()
    await button(page, 'Stop').click()
    await page.getByText('No answer yet').nth(1).waitFor()
    isLost = false
    await button(page, 'Undo this import').click()
    await page.getByText('We don’t know yet whether 2 rows were saved').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click()
    await button(page, 'Import 2 rows').waitFor()
    expect(await there(server, 'unknown')).toEqual([])
    // Only the stored row was sent again.
    expect(sent.map(line => JSON.parse(line).mentor_id)).toEqual(['unknown-0'])
  })

  test('uses the external ids of the sheet, and its undoing leaves what existed before', async () => {
    const known = (n: number) => ({
      mentor_id: `known-${n}`,
      organisation_id: 'import',
      external_id: `known ${n}`,
      inputs: { ...inputsOf(25), avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30, period },
    })
    const period = { from: '2026-01-01', to: '2026-03-31' }
    const { lines } = await imported(server, [known(0), { ...known(1), inputs: null }])
    // Its result differs from the row now, so that only the external id tells.
    const sessions = lines.map(({ session_id }) => String(session_id))
    await server.sessions.dispatch(String(sessions[0]), { event: 'CalculateRequested', payload: inputsOf(7) })

    const page = await opened(pages, server, withIds(['known 0', 'known 1', 'known 2'], some('known', 3)))
    let isLost = true
    await page.route(`**${importsPath}`, async route => {
      if (!isLost) return route.continue()
      isLost = false
      await route.fetch()
      await route.abort('connectionreset')
    })
    await button(page, 'Import 3 rows').click()
    await show(page, 'Already exists 1').waitFor()
    await show(page, 'Imported 1').waitFor()
    expect(await faultOf(page, 'External ID', 3)).toBe(
      'External ID: Another calculation with different content has this ID.',
    )
    const holder = page.getByRole('link', { name: 'Open the calculation that has the ID of row 3' })
    expect(await holder.getAttribute('href')).toBe(`/sessions/${sessions[1]}`)
    await show(page, 'All 3').check({ force: true })
    const existing = page.getByRole('link', { name: 'Open the existing calculation that row 2 matches' })
    expect(await existing.getAttribute('href')).toBe(`/sessions/${sessions[0]}`)
    const made = page.getByRole('link', { name: 'Open the calculation of row 4' })
    const session = await server.sessions.queries.get(String((await made.getAttribute('href'))?.split('/').pop()))
    expect([session.mentor_id, session.external_id]).toEqual(['known-2', 'known 2'])

    await button(page, 'Undo this import').click()
    await page.getByText('1 calculation from this import will be deleted for everyone').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click()
    await button(page, 'Import 1, leave out 1').waitFor()
    expect(await there(server, 'known')).toEqual([
      ['known-0', 7],
      ['known-1', null],
    ])
  })

  test('reports an external id that rows share, until the sheet is read without external ids', async () => {
    const page = await opened(pages, server, withIds(['s', 's'], some('shared', 2)))
    expect(await faultOf(page, 'External ID', 3)).toMatch(/^Row 2 has this ID, too\./)
    await button(page, 'Import 1, leave out 1').waitFor()
    await page.getByRole('combobox', { name: 'External ID' }).selectOption('Not in my sheet')
    await button(page, 'Import 2 rows').waitFor()
  })

  test('shows what the server says about a cell, and sends the corrected row', async () => {
    const page = await opened(pages, server, [head, ...some('refused', 2)])
    let isFaulty = true
    await page.route(`**${importsPath}`, async route => {
      const lines = String(route.request().postData())
      await route.continue(isFaulty ? { postData: lines.replace('"avg_minutes":30', '"avg_minutes":-1') } : {})
      isFaulty = false
    })
    await button(page, 'Import 2 rows').click()
    await page.getByText('The server didn’t accept this').waitFor()
    expect(await faultOf(page, 'Average length', 2)).toMatch(/^Average length was not accepted: must be .*0/)
    expect(await page.locator('.grid tr[data-state]').count()).toBe(1)
    await cell(page, 'Average length', 2).fill('31')
    await button(page, 'Continue with 1 row').click()
    await show(page, 'Imported 2').waitFor()
    expect(await there(server, 'refused')).toEqual(wanted('refused', 2))
  })

  test('of a row that is too long for the server imports the others', async () => {
    const long = row('long-0', '語'.repeat(200))
    const page = await opened(pages, server, [
      [...head, 'Project', 'Source', 'Note'],
      [...row('long-1'), '', '', ''],
      [...long, '語'.repeat(120), '語'.repeat(200), '語'.repeat(1_000)],
      [...row('long-2'), '', '', ''],
    ])
    await button(page, 'Import 3 rows').click()
    await page.getByText('This row is too long. Shorten its text.').waitFor()
    await show(page, 'Imported 2').waitFor()
    expect(await there(server, 'long')).toEqual([
      ['long-1', 25],
      ['long-2', 25],
    ])
  })

  describe('of a server that is killed', () => {
    test('continues with the next one, without a lost or a doubled row', async () => {
      const env = { DATA_FILE: join(folder, 'killed.db'), PORT: String(await freePort()) }
      const first = run(env)
      const url = await first.listening()
      const page = await opened(pages, { url }, [head, ...many('killed', 1_000)])
      let requests = 0
      await page.route(`**${importsPath}`, async route => {
        requests++
        await route.continue()
        if (requests === 3) await first.kill()
      })
      await button(page, 'Import 1,000 rows').click()
      await page.getByText('The server is busy, or we can’t reach it').waitFor()
      await run(env).listening()
      await show(page, 'Imported 1,000').waitFor()
      expect(await client({ url }).total()).toBe(1_000)
      expect(await client({ url }).total({ mentor_id: 'killed-0' })).toBe(250)
    })
  })
})

describePages('a server with a maximum per mentor', pages => {
  const server: Server = serving(embeddedDatabase, { config: { SESSIONS_PER_MENTOR: 1 } })

  test('refuses a row of the import beyond it in words, and accepts it later', async () => {
    const page = await opened(pages, server, [head, row('full'), row('full').with(6, '4')])
    await button(page, 'Import 2 rows').click()
    await page.getByText('This mentor has as many calculations as this server allows').waitFor()
    await show(page, 'Imported 1').waitFor()
    const [{ session_id = '' } = {}] = await server.sessions.queries.list({}, { limit: 1, offset: 0 })
    await server.sessions.close(session_id)
    await button(page, 'Continue with 1 row').click()
    await show(page, 'Imported 2').waitFor()
  })
})
