import { maxRows, parseCells } from '../../../dashboard/src/capabilities/import/cells'
import { type Column, columns } from '../../../dashboard/src/capabilities/import/columns'
import { maxConcurrent } from '../../../dashboard/src/concurrency'
import { rowsOf } from '../../support/csv'
import { inputsOf } from '../../support/inputs'
import { describePages } from '../../support/pages'
import { type Server, serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { wordsOf } from '../../support/views'
import { cell as excelCell, rowOf, stylesOf, workbook } from '../../support/workbook'
import { path as importsPath } from './importing'
import {
  asksBeforeItIsLeft,
  button,
  cell,
  faultOf,
  head,
  isChange,
  isComparison,
  isImport,
  loseAnswers,
  opened,
  paste,
  row,
  show,
  some,
  there,
  wanted,
} from './page'

describePages('an import', pages => {
  const server = serving(embeddedDatabase)

  test('shows each fault in its cell, accepts corrections, and starts no row twice, even after a reload', async () => {
    const rows = some('reloaded', 6)
    rows[1] = row('reloaded-1', 'import', '31/12/2025', '2026-01-01', '25', '1500', '3,50', '')
    const page = await opened(pages, server, [head, ...rows])
    expect(await faultOf(page, 'Last day', 3)).toBe('Last day can’t be before the first day.')
    expect(await faultOf(page, 'Average length', 3)).toBe('Average length can’t be more than 1,440.')
    expect(await faultOf(page, 'Cost per session', 3)).toBe(
      'Cost per session: Use a full stop for decimals, for example 3.50.3.50',
    )
    expect(await faultOf(page, 'Value per hour', 3)).toBe('Value per hour is required.')
    expect(await there(server, 'reloaded')).toEqual([])
    await show(page, 'Needs fixing 1').check({ force: true })
    await cell(page, 'Last day', 3).fill('31/03/2026')
    await cell(page, 'Average length', 3).fill('30')
    await button(page, '3.50').click()
    await cell(page, 'Value per hour', 3).fill('30')
    await show(page, 'Ready 6').waitFor()

    const lost = await loseAnswers(page, isImport)
    await button(page, 'Import 6 rows').click()
    await until(() => lost.count === 1, 60_000, 'lost answers')
    expect(await asksBeforeItIsLeft(page)).toBe(true)
    page.on('dialog', dialog => dialog.accept())
    await page.reload()
    lost.end()

    await page.getByText('No answer yet').first().waitFor()
    await button(page, 'Continue with 6 rows').click()
    await show(page, 'Imported 6').waitFor()
    expect(await there(server, 'reloaded')).toEqual(wanted('reloaded', 6))
    expect(await asksBeforeItIsLeft(page)).toBe(false)
  })

  test('leaves out duplicate rows, and imports them if told to', async () => {
    const same = row('same-0')
    const page = await opened(pages, server, [head, same, row('same-1'), same.with(7, '30.00'), same])
    await page.getByText('Same as row 2').nth(1).waitFor()
    await page.getByRole('main').getByText('2 rows that are the same as an earlier row').waitFor()
    await button(page, 'Import 2, leave out 2').click()
    await show(page, 'Imported 2').waitFor()
    expect(await there(server, 'same')).toEqual(wanted('same', 2))
    expect(await asksBeforeItIsLeft(page)).toBe(false)
    await page.getByLabel('2 rows that are the same as an earlier row').check()
    await button(page, 'Continue with 2 rows').click()
    await show(page, 'Imported 4').waitFor()
    expect(await there(server, 'same')).toHaveLength(4)
  })

  test('asks once how to read all dates, and once all numbers, that could be two', async () => {
    const dated = (mentor: string, from: string, cost: string): string[] =>
      row(mentor, 'import', '2026-12-31', from, '25', '30', cost)
    const page = await opened(pages, server, [
      head,
      dated('asked-0', '3/4/2026', '1,234'),
      dated('asked-1', '5/4/2026', '2,345'),
    ])
    await show(page, 'Needs an answer 2').waitFor()
    // The question outlasts a reload.
    page.on('dialog', dialog => dialog.accept())
    await page.reload()
    const [dates, costs] = ['Which day is 3/4/2026?', 'Which number is 1,234?'].map(name =>
      page.getByRole('group', { name }),
    )
    await dates?.getByLabel('4 Mar 2026').check()
    await dates?.getByLabel('3 Apr 2026').check()
    await costs?.getByLabel('1,234.00').check()
    await costs?.getByLabel('1.234').check()
    await show(page, 'Ready 2').waitFor()
    await button(page, 'Import 2 rows').click()
    await show(page, 'Imported 2').waitFor()
    const [{ session_id = '' } = {}] = await server.sessions.queries.list(
      { mentor_id: 'asked-1' },
      { limit: 1, offset: 0 },
    )
    const { inputs } = (await server.sessions.queries.get(session_id)).result ?? {}
    expect([inputs?.period?.from, inputs?.cost_per_session]).toEqual(['2026-04-05', 2.345])
  })

  test('takes the currency from the sign beside an amount, and asks for it if signs differ or mean several', async () => {
    const amounts = (mentor: string, cost: string, value: string): string[] =>
      row(mentor, 'import', '2026-03-31', '2026-01-01', '25', '30', cost, value)
    const page = await opened(pages, server, [
      head,
      amounts('signed-0', '£3.50', '30'),
      amounts('signed-1', '£3.50', '€30'),
      amounts('signed-2', '$3.50', '$30'),
      amounts('signed-3', '$4.50', '30'),
    ])
    expect(await cell(page, 'Currency', 2).getAttribute('placeholder')).toBe('GBP')
    expect(await faultOf(page, 'Value per hour', 3)).toBe('Value per hour must be in £, like Cost per session.')
    await show(page, 'Needs an answer 2').waitFor()
    await cell(page, 'Value per hour', 3).fill('£30')
    await page.getByRole('group', { name: '$ in 2 rows: which currency is it?' }).getByLabel('US Dollar').check()
    await show(page, 'Ready 4').waitFor()
    await button(page, 'Import 4 rows').click()
    await show(page, 'Imported 4').waitFor()
    const stored = await server.sessions.queries.list({}, { limit: 100, offset: 0 })
    const signed = stored.filter(({ mentor_id }) => mentor_id.startsWith('signed'))
    const currencies = await Promise.all(
      signed.map(
        async ({ session_id, mentor_id }) =>
          `${mentor_id} ${(await server.sessions.queries.get(session_id)).result?.inputs.currency}`,
      ),
    )
    expect(currencies.sort()).toEqual(['signed-0 GBP', 'signed-1 GBP', 'signed-2 USD', 'signed-3 USD'])
  })

  test.each([
    ['£12', 'GBP'],
    ['12 €', 'EUR'],
    ['CHF 12', 'CHF'],
    ['12 CHF', 'CHF'],
    ['US$12', 'USD'],
    ['12.50 GBP', 'GBP'],
  ])('takes the currency from an amount such as %s', async (amount, currency) => {
    const page = await opened(pages, server, [head, row('beside').with(6, amount)])
    expect(await cell(page, 'Currency', 2).getAttribute('placeholder')).toBe(currency)
    await button(page, 'Import 1 row').waitFor()
  })

  test.each([
    ['Cost (£)', 'GBP'],
    ['Cost £', 'GBP'],
    ['Cost in €', 'EUR'],
    ['Cost per session [CHF]', 'CHF'],
    ['Cost per session, CHF', 'CHF'],
    ['Unit cost (US$)', 'USD'],
  ])('takes the currency from the name of a column such as %s, for rows that have none', async (name, currency) => {
    const page = await opened(pages, server, [
      head.map(other => (other === 'Cost' ? name : other)),
      row('named-0'),
      row('named-1').with(6, 'SEK 3.50'),
    ])
    expect(await cell(page, 'Currency', 2).getAttribute('placeholder')).toBe(currency)
    expect(await cell(page, 'Currency', 3).getAttribute('placeholder')).toBe('SEK')
    expect(await page.getByLabel('Amounts without a currency').inputValue()).toBe(currency)
  })

  test('skips a row that matches an existing calculation, links to it, and imports it if told to', async () => {
    const period = { from: '2026-01-01', to: '2026-03-31' }
    const { session } = await server.sessions.start({ mentor_id: 'known-0', organisation_id: 'import' })
    const figures = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
    const payload = { ...figures, period, note: 'Earlier.' }
    await server.sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    const page = await opened(pages, server, [
      head,
      row('known-0'),
      row('known-0').with(6, '3.5001'),
      row('known-0').with(1, 'elsewhere'),
    ])
    await page.getByRole('main').getByText('1 row that matches a calculation that already exists').waitFor()
    const link = page.getByRole('link', { name: 'Open the existing calculation that row 2 matches' })
    expect(await link.getAttribute('href')).toBe(`/sessions/${session.session_id}`)
    await button(page, 'Import 2, leave out 1').click()
    await show(page, 'Imported 2').waitFor()
    expect(await there(server, 'known')).toHaveLength(3)
    expect(await asksBeforeItIsLeft(page)).toBe(false)
    await page.getByLabel('1 row that matches a calculation that already exists').check()
    await button(page, 'Continue with 1 row').click()
    await show(page, 'Imported 3').waitFor()
    expect(await there(server, 'known')).toHaveLength(4)
  })

  test('compares an edited row again before it sends anything', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'corrected-0', organisation_id: 'import' })
    const period = { from: '2026-01-01', to: '2026-03-31' }
    const payload = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30, period }
    await server.sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    const page = await opened(pages, server, [head, row('corrected-O'), row('corrected-1')])
    await cell(page, 'Mentor', 2).fill('corrected-0')
    await button(page, 'Import 2 rows').click()
    await page.getByText('Already exists', { exact: true }).waitFor()
    expect(await there(server, 'corrected')).toHaveLength(1)
    await button(page, 'Import 1, leave out 1').click()
    await show(page, 'Imported 1').waitFor()
    expect(await there(server, 'corrected')).toEqual(wanted('corrected', 2))
  })

  test('sends nothing if other rows replace its rows while they are compared', async () => {
    const page = await opened(pages, server, [head, row('confirmed-O')])
    await button(page, 'Import 1 row').waitFor()
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const compared: string[] = []
    let changes = 0
    page.on('request', request => {
      if (request.url().endsWith(importsPath)) changes++
    })
    await page.route('**/graphql', async route => {
      if (isComparison(route)) {
        compared.push(route.request().postDataJSON().variables.filter.mentorId)
        await held
      }
      await route.continue()
    })
    await cell(page, 'Mentor', 2).fill('confirmed-0')
    await button(page, 'Import 1 row').click()
    await until(() => compared.includes('confirmed-0'), 60_000, 'comparison')
    await button(page, 'Discard').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
    await page.getByRole('button', { name: 'Choose an Excel or CSV file' }).waitFor()
    await paste(page, [head, ...some('unconfirmed', 2)])
    release()
    // The new rows are compared only after the earlier comparison has ended.
    await until(() => compared.includes('unconfirmed-0'), 60_000, 'next comparison')
    expect(changes).toBe(0)
    await button(page, 'Import 2 rows').click()
    await show(page, 'Imported 2').waitFor()
    expect(await there(server, 'confirmed')).toEqual([])
  })

  test('sends nothing if a cell is edited while the rows are compared', async () => {
    const page = await opened(pages, server, [head, row('edited-O'), row('edited-1')])
    await button(page, 'Import 2 rows').waitFor()
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    await page.route('**/graphql', async route => {
      if (isComparison(route)) await held
      await route.continue()
    })
    await cell(page, 'Mentor', 2).fill('edited-0')
    await button(page, 'Import 2 rows').click()
    await page.getByText('Looking for calculations').waitFor()
    await cell(page, 'Number of sessions', 3).fill('250')
    release()
    await button(page, 'Import 2 rows').waitFor()
    expect(await there(server, 'edited')).toEqual([])
  })

  test('says which rows were not compared if the server does not answer, and can import them', async () => {
    const page = await pages.page(`${server.url}/import`)
    let fails = true
    await page.route('**/graphql', route =>
      fails && isComparison(route) ? route.fulfill({ status: 503, body: 'busy' }) : route.continue(),
    )
    await page
      .getByLabel('Rows from your spreadsheet')
      .fill([head, ...some('alone', 2)].map(cells => cells.join('\t')).join('\n'))
    await button(page, 'Check rows').click()
    await page.getByRole('main').getByText('We couldn’t compare 2 rows with all existing calculations').waitFor()
    await show(page, 'Not compared 2').waitFor()
    fails = false
    await button(page, 'Import 2 rows').click()
    await show(page, 'Imported 2').waitFor()
    for (const complaint of pages.complaints()) expect(complaint).toContain('status of 503')
  })

  test('is undone, except for calculations that somebody has changed since', async () => {
    await server.sessions.start({ mentor_id: 'undone-earlier', organisation_id: 'import' })
    const page = await opened(pages, server, [head, ...some('undone', 5)])
    await button(page, 'Import 5 rows').click()
    await show(page, 'Imported 5').waitFor()
    const [changed] = await server.sessions.queries.list({ mentor_id: 'undone-3' }, { limit: 1, offset: 0 })
    await server.sessions.dispatch(String(changed?.session_id), { event: 'ShareRequested' })
    await button(page, 'Undo this import').click()
    await page.getByText('5 calculations from this import will be deleted for everyone').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click()
    await show(page, 'Changed since 1').waitFor()
    await page.getByText('4 calculations deleted. 1 changed since the import, so not deleted.').first().waitFor()
    await page.getByText('Changed since the import, so not deleted', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Open the calculation of row 5' }).waitFor()
    expect(await there(server, 'undone')).toEqual([
      ['undone-3', 25],
      ['undone-earlier', null],
    ])
    // The others can be imported again.
    expect(await button(page, 'Undo this import').count()).toBe(0)
    await button(page, 'Continue with 4 rows').click()
    await show(page, 'Imported 5').waitFor()
    expect(await there(server, 'undone')).toHaveLength(6)
  })

  test('continues to be undone after a reload in the same tab', async () => {
    const page = await opened(pages, server, [head, ...some('removed', 10)])
    await button(page, 'Import 10 rows').click()
    await show(page, 'Imported 10').waitFor()
    const lost = await loseAnswers(page, isChange, 3)
    await button(page, 'Undo this import').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click()
    await until(() => lost.count === maxConcurrent, 60_000, 'lost answers')
    expect(await asksBeforeItIsLeft(page)).toBe(true)
    page.on('dialog', dialog => dialog.accept())
    await page.reload()
    lost.end()
    await button(page, 'Import 10 rows').waitFor()
    expect(await there(server, 'removed')).toEqual([])
  })

  test('is not undone while rows are compared', async () => {
    const page = await opened(pages, server, [head, ...some('collided', 2), row('collided-O', 'import', 'never')])
    await button(page, 'Import 2, leave out 1').click()
    await show(page, 'Imported 2').waitFor()
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    await page.route('**/graphql', async route => {
      if (isComparison(route)) await held
      await route.continue()
    })
    await cell(page, 'Mentor', 4).fill('collided-2')
    await cell(page, 'Last day', 4).fill('31/03/2026')
    await button(page, 'Continue with 1 row').click()
    await page.getByText('Looking for calculations').waitFor()
    expect(await button(page, 'Undo this import').count()).toBe(0)
    release()
    await show(page, 'Imported 3').waitFor()
    await button(page, 'Undo this import').waitFor()
    expect(await there(server, 'collided')).toEqual(wanted('collided', 3))
  })

  test('is compared after a reload only when its undoing has ended', async () => {
    const page = await opened(pages, server, [head, ...some('resumed', 2), row('resumed-2', 'import', 'never')])
    await button(page, 'Import 2, leave out 1').click()
    await show(page, 'Imported 2').waitFor()
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    let loses = true
    let lost = 0
    await page.route('**/graphql', async route => {
      if (isComparison(route)) await held
      if (!loses || !isChange(route)) return route.continue()
      await route.fetch()
      lost++
    })
    await button(page, 'Undo this import').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click()
    await until(() => lost === 2, 60_000, 'lost answers')
    page.on('dialog', dialog => dialog.accept())
    await page.reload()
    loses = false
    await page.getByText('Looking for calculations').waitFor()
    release()
    await button(page, 'Import 2, leave out 1').waitFor()
    expect(await there(server, 'resumed')).toEqual([])
  })

  test('takes the first click on its button, even if corrected rows leave the view with the focus', async () => {
    const rows = some('clicked', 4)
    for (const faulty of [1, 2, 3])
      rows[faulty] = row(`clicked-${faulty}`, 'import', '31/03/2026', '2026-01-01', 'none')
    const page = await opened(pages, server, [head, ...rows])
    await show(page, 'Needs fixing 3').check({ force: true })
    for (const faulty of [3, 4, 5]) await cell(page, 'Number of sessions', faulty).fill('25')
    await button(page, 'Import 4 rows').click()
    await show(page, 'Imported 4').waitFor({ timeout: 10_000 })
    expect(await there(server, 'clicked')).toEqual(wanted('clicked', 4))
  })

  test('lets corrected rows leave the view when the keyboard moves the focus out of the rows', async () => {
    const rows = some('tabbed', 2)
    rows[1] = row('tabbed-1', 'import', '31/03/2026', '2026-01-01', 'none')
    const page = await opened(pages, server, [head, ...rows])
    await show(page, 'Needs fixing 1').check({ force: true })
    await cell(page, 'Number of sessions', 3).fill('25')
    await button(page, 'Skip row 3').focus()
    await page.keyboard.press('Tab')
    await page.getByText('All fixed.').waitFor()
  })

  test('takes each column from the chosen place', async () => {
    const page = await opened(pages, server, [
      ['Persona', 'Sesiones', 'Minutos', 'Valor', 'Coste'],
      ['said-0', '25', '30', '30', '3.50'],
    ])
    await page.getByText('Columns: 5 recognised').waitFor()
    await page.getByLabel('Cost per session', { exact: true }).selectOption('E: Coste')
    await page.getByLabel('Value per hour', { exact: true }).selectOption('D: Valor')
    expect(await cell(page, 'Cost per session', 2).inputValue()).toBe('3.50')
    await button(page, 'Import 1 row').click()
    await show(page, 'Imported 1').waitFor()
    expect(await there(server, 'said')).toEqual(wanted('said', 1))
  })

  test('reads an Excel file, with exact numbers in any language of the user', async () => {
    const page = await pages.page(`${server.url}/import`, { locale: 'de-DE' })
    const texts = (cells: string[]): string =>
      rowOf(...cells.map(text => `<c t="inlineStr"><is><t>${text}</t></is></c>`))
    const figures = [
      excelCell('46112', 's="1"'),
      excelCell('46022', 's="1"'),
      excelCell('25'),
      excelCell('30.25'),
      excelCell('1.234', 's="2"'),
      excelCell('1000.1'),
    ]
    const sheet = `${texts(head)}${rowOf('<c t="inlineStr"><is><t>excel-0</t></is></c>', '<c/>', ...figures)}`
    const buffer = Buffer.from(workbook({ sheet, styles: stylesOf('dd/mm/yyyy', '"£"#,##0.000') }))
    await page.getByLabel('Excel- oder CSV-Datei wählen').setInputFiles({ name: 'a.xlsx', mimeType: '', buffer })
    await page.getByRole('button', { name: '1 Zeile importieren' }).click()
    await page.getByRole('radio', { name: 'Importiert 1' }).waitFor()
    const [{ session_id = '' } = {}] = await server.sessions.queries.list(
      { mentor_id: 'excel-0' },
      { limit: 1, offset: 0 },
    )
    expect((await server.sessions.queries.get(session_id)).result?.inputs).toEqual({
      sessions: 25,
      avg_minutes: 30.25,
      cost_per_session: 1.234,
      cost_per_hour: 1000.1,
      currency: 'GBP',
      period: { from: '2025-12-31', to: '2026-03-31' },
    })
  })

  test.each([
    ['with a password', 'EncryptedPackage', 'This file has a password.'],
    ['of an old version', 'Workbook', 'This is an old Excel file (.xls).'],
  ])('says what to do with an Excel file %s', async (_, stream, fault) => {
    const page = await pages.page(`${server.url}/import`)
    const buffer = Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), Buffer.from(stream, 'utf16le')])
    await page.getByLabel('Choose an Excel or CSV file').setInputFiles({ name: 'a.xls', mimeType: '', buffer })
    await page.getByText(fault).waitFor()
  })

  test('loads the script for Excel files only for an Excel file', async () => {
    const page = await pages.page(`${server.url}/import`)
    const loaded: string[] = []
    page.on('request', request => loaded.push(request.url()))
    const file = page.getByLabel('Choose an Excel or CSV file')
    await file.setInputFiles({ name: 'a.csv', mimeType: '', buffer: Buffer.from('') })
    await page.getByText('We found no rows').waitFor()
    expect(loaded.filter(url => url.includes('xlsx'))).toEqual([])
    await file.setInputFiles({ name: 'a.xlsx', mimeType: '', buffer: Buffer.from('PK\x03\x04') })
    await page.getByText('We can’t read this file').waitFor()
    expect(loaded.filter(url => url.includes('xlsx'))).toHaveLength(1)
  })

  test.each([
    ['en-GB', ','],
    ['de-DE', ';'],
    ['fr-FR', ';'],
  ])('offers a template in the language of the user, which it can read itself: %s', async (locale, delimiter) => {
    const words = wordsOf(locale)
    const page = await pages.page(`${server.url}/import`, { locale, acceptDownloads: true })
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: words.import.template }).click(),
    ])
    const bytes = Buffer.concat(await (await download.createReadStream()).toArray())
    expect(bytes.toString('utf8').startsWith(`\uFEFF${words.mentor}${delimiter}`)).toBe(true)
    await page
      .getByLabel(words.import.choose)
      .setInputFiles({ name: download.suggestedFilename(), mimeType: 'text/csv', buffer: bytes })
    await page.getByRole('button', { name: words.import.begin(1, 0) }).waitFor()
    const [, example = []] = parseCells(bytes.toString('utf8'))
    for (const at of columns.keys()) {
      const column = columns[at] as Column
      expect(await page.locator(`.grid [name="${column}"]`).count()).toBe(example[at] === '' ? 0 : 1)
    }
  })

  test('ignores a file that is read only after other rows were pasted', async () => {
    const page = await pages.page(`${server.url}/import`)
    await page.evaluate(`{
      const read = Blob.prototype.arrayBuffer
      const held = new Promise(resolve => { globalThis.release = resolve })
      Blob.prototype.arrayBuffer = async function () {
        const bytes = await read.call(this)
        globalThis.isHeld = true
        await held
        return bytes
      }
    }`)
    const csv = [head, row('late-0')].map(cells => cells.join(';')).join('\r\n')
    await page
      .getByLabel('Choose an Excel or CSV file')
      .setInputFiles({ name: 'late.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
    await until(() => page.evaluate('globalThis.isHeld'), 60_000, 'the file')
    await paste(page, [head, ...some('pasted', 2)])
    await page.evaluate('globalThis.release()')
    await page.evaluate('new Promise(resolve => setTimeout(resolve))')
    await button(page, 'Import 2 rows').click()
    await show(page, 'Imported 2').waitFor()
    expect(await there(server, 'pasted')).toEqual(wanted('pasted', 2))
    expect(await there(server, 'late')).toEqual([])
  })

  test('with too many rows does not start', async () => {
    const page = await pages.page(`${server.url}/import`)
    const csv = [head, ...some('many', maxRows + 1)].map(cells => cells.join(';')).join('\r\n')
    await page
      .getByLabel('Choose an Excel or CSV file')
      .setInputFiles({ name: 'many.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
    await page.getByText('There are 5,001 rows. You can import up to 5,000 rows at once').waitFor()
    expect(await page.getByRole('table').count()).toBe(0)
  })
})

describePages('an export of one server', pages => {
  const [from, to] = [serving(embeddedDatabase), serving(embeddedDatabase)]

  test('is imported by another with the same numbers and texts, in any language of the user', async () => {
    const stated = [
      { label: 'Frühjahr 2026, "Lesen"; Klasse 9', currency: 'EUR', period: { from: '2026-03-04', to: '2026-04-03' } },
      { label: '=SUM(1)', currency: 'JPY' },
      {
        value_source: 'ASHE 2025, "assistants"',
        note: 'Preparation counts.\n\nTravel doesn’t; see 3.4.',
        cost_per_hour_range: { low: 999.9999, high: 1000.1234 },
      },
      {},
    ]
    for (const [at, more] of stated.entries()) {
      const { session } = await from.sessions.start({
        mentor_id: `mentor, ${at}`,
        organisation_id: at ? null : 'é 😀',
        external_id: `=crm ${at}`,
      })
      const figures = { ...inputsOf(1_234), avg_minutes: 30.25, cost_per_session: 1.234, cost_per_hour: 1000.0001 }
      await from.sessions.dispatch(session.session_id, {
        event: 'CalculateRequested',
        payload: { ...figures, ...more },
      })
    }
    const page = await pages.page(`${to.url}/import`, { locale: 'de-DE' })
    const csv = await exported(from)
    await page
      .getByLabel('Excel- oder CSV-Datei wählen')
      .setInputFiles({ name: 'sessions.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
    await page.getByRole('button', { name: '4 Zeilen importieren' }).click()
    await page.getByRole('radio', { name: 'Importiert 4' }).waitFor()
    expect(said(await exported(to))).toEqual(said(csv))
  })
})

const exported = async ({ url }: Server): Promise<string> => {
  const response = await fetch(`${url}/api/v1/benefit-calculator-sessions?format=csv`)
  return Buffer.from(await response.arrayBuffer()).toString() // text() would remove the byte order mark
}

/** Returns the calculations of a file without times and ids. */
const said = (csv: string): string[] =>
  rowsOf(csv)
    .map(({ session_id, result_id, created_at, updated_at, computed_at, ...more }) => JSON.stringify(more))
    .sort()

describePages('a server that asks to wait', pages => {
  const server = serving(embeddedDatabase)

  test('is given that time, until everything is imported', async () => {
    const page = await opened(pages, server, [head, ...some('waited', 6)])
    let refuses = true
    const askedAt: number[] = []
    await page.route(`**${importsPath}`, async route => {
      askedAt.push(performance.now())
      // In the form that a proxy in front uses.
      await (refuses ? route.fulfill({ status: 503, headers: { 'Retry-After': '1' }, body: 'busy' }) : route.continue())
    })
    await button(page, 'Import 6 rows').click()
    await page.getByText('The server is busy').waitFor()
    const progress = page.getByRole('progressbar', { name: 'Import progress' })
    expect(await progress.getAttribute('max')).toBe('6')
    refuses = false
    await show(page, 'Imported 6').waitFor()
    expect(await there(server, 'waited')).toEqual(wanted('waited', 6))
    expect(askedAt.length).toBeGreaterThan(1)
    for (const [at, time] of askedAt.slice(1).entries()) expect(time - Number(askedAt[at])).toBeGreaterThan(990)
    for (const complaint of pages.complaints()) expect(complaint).toContain('status of 503')
  })
})
