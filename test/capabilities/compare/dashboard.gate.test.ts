import type { Page } from 'playwright-core'
import { figures } from '../../db/every-kind'
import { describePages, violations } from '../../support/pages'
import { serving } from '../../support/server'
import { keyFile, madeKey } from '../../support/service-keys'
import { noon, secondsAfter, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { wordsOf } from '../../support/views'

const spring = {
  label: 'Spring',
  currency: 'GBP',
  period: { from: '2026-01-05', to: '2026-03-31' },
  value_source: 'ASHE 2025',
  cost_per_hour_range: { low: 20, high: 40 },
  sessions: 10,
  cost_per_session: 0.1,
}
const autumn = { ...spring, label: 'Autumn', sessions: 15, cost_per_session: 0.3 }

describePages('the comparison', pages => {
  const server = serving(embeddedDatabase)

  beforeAll(async () => {
    const { store } = server
    const at = (seconds: number) => secondsAfter(noon, seconds)
    await stored(store, { session_id: 'spring', mentor_id: 'ann', organisation_id: 'north' }, [figures(spring)], at(0))
    await stored(store, { session_id: 'autumn', mentor_id: 'bob', organisation_id: 'north' }, [figures(autumn)], at(1))
    await stored(store, { session_id: 'euro', mentor_id: 'cem' }, [figures({ currency: 'EUR', sessions: 20 })], at(2))
    await stored(store, { session_id: 'none', mentor_id: 'dee' }, [], at(3))
    await stored(store, { session_id: 'empty', mentor_id: 'fay' }, [], at(4))
  })

  const opened = (ids: string, options = {}): Promise<Page> => pages.page(`${server.url}/compare?ids=${ids}`, options)
  const columns = async (page: Page): Promise<string[]> =>
    (await page.locator('.compare thead :is(th, th > a) > bdi').allTextContents()).map(text => text.trim())
  const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) })
  /** Returns the texts of a line as a screen reader reads them. */
  const read = (page: Page, name: string): Promise<string[]> =>
    page.evaluate(
      `[...document.querySelectorAll('.compare tbody tr')].filter(row => row.cells[0].textContent === ${JSON.stringify(name)})
        .flatMap(row => [...row.cells].slice(1).map(cell => {
          const copy = cell.cloneNode(true)
          for (const hidden of copy.querySelectorAll('[aria-hidden]')) hidden.remove()
          return [...copy.children].map(child => child.textContent).join(' | ')
        }))`,
    )

  test('states names, inputs, outputs and ranges, and the difference of each number to the first, in words', async () => {
    const page = await opened('spring,autumn')
    await row(page, 'Cost per session').getByText('£0.30').waitFor()
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    expect(await page.title()).toContain('Compare calculations')
    await page.getByRole('columnheader', { name: /^Spring ann · north/ }).waitFor()
    expect(await read(page, 'Period')).toHaveLength(2)
    expect(await read(page, 'Source of the value per hour')).toEqual(['ASHE 2025', 'ASHE 2025'])
    expect(await read(page, 'Number of sessions')).toEqual(['10', '15 | 5 more (50%)'])
    // 0.3 − 0.1 is not 0.2 in doubles.
    expect(await read(page, 'Cost per session')).toEqual(['£0.10', '£0.30 | £0.20 more (200%)'])
    expect(await read(page, 'Value per hour')).toEqual(['£30.00', '£30.00 | the same'])
    expect(await read(page, 'Lowest value per hour')).toEqual(['£20.00', '£20.00 | the same'])
    expect(await read(page, 'Programme cost')).toEqual(['£1.00', '£4.50 | £3.50 more (350%)'])
    expect(await read(page, 'Ratio')).toEqual(['150.00', '50.00 | 100.00 less (66.7%)'])
    expect(await read(page, 'Net benefit, lowest')).toEqual(['£99.00', '£145.50 | £46.50 more (47%)'])
    expect(await read(page, 'Return on cost')).toEqual(['14,900.00%', '4,900.00% | 10,000 percentage points less'])
    expect(await row(page, 'Ratio').locator('.difference [aria-hidden]').first().textContent()).toBe('−100.00 (−66.7%)')
  })

  test('does not subtract amounts in different currencies, and says so', async () => {
    const page = await opened('spring,euro')
    await row(page, 'Currency').getByText('Different currencies can’t be compared.').waitFor()
    expect(await read(page, 'Cost per session')).toEqual(['£0.10', '€3.50'])
    expect(await read(page, 'Net benefit')).toEqual(['£149.00', expect.not.stringContaining('|')])
    expect(await read(page, 'Number of sessions')).toEqual(['10', '20 | 10 more (100%)'])
  })

  test('says that a calculation has no result, is deleted, or does not exist', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'eve' })
    await server.sessions.dispatch(session.session_id, figures({ label: 'Short' }))
    const page = await opened(`spring,none,${session.session_id},missing`)
    await page.getByRole('columnheader', { name: /dee.*has no result yet/ }).waitFor()
    await page.getByRole('columnheader', { name: /missing.*There is no calculation with this ID/ }).waitFor()
    await page.getByRole('columnheader', { name: /^Short/ }).waitFor()
    await server.sessions.close(session.session_id)
    await page.getByRole('columnheader', { name: /Short.*This calculation was deleted/ }).waitFor()
    expect(await read(page, 'Number of sessions')).toEqual(['10', 'none', 'none', 'none'].map(expect.stringContaining))
    pages.complaints()
  })

  test('follows changes, also to a calculation that had no result', async () => {
    const page = await opened('spring,none')
    await page.getByRole('columnheader', { name: /dee.*has no result yet/ }).waitFor()
    await server.sessions.dispatch('none', figures({ ...spring, label: 'Late', sessions: 11 }))
    await page.getByRole('columnheader', { name: /^Late/ }).waitFor()
    await page.getByRole('status').getByText('Late has a new result.').waitFor()
    expect(await read(page, 'Number of sessions')).toEqual(['10', '11 | 1 more (10%)'])
    await server.sessions.dispatch('none', { event: 'ResetRequested' })
    await page.getByRole('columnheader', { name: /dee.*has no result yet/ }).waitFor()
  })

  test('loses columns and gets another first one, which the address records and Back undoes', async () => {
    const page = await opened('spring,autumn,euro')
    const has = (names: string): Promise<void> =>
      until(async () => (await columns(page)).join() === names, 20_000, `the columns ${names}`)
    await has('Spring,Autumn,cem')
    await page.getByRole('button', { name: 'Compare with this one: Autumn' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`${server.url}/compare?ids=autumn,spring,euro`)
    await has('Autumn,Spring,cem')
    expect(await read(page, 'Number of sessions')).toEqual(['15', '10 | 5 less (33.3%)', '20 | 5 more (33.3%)'])
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    await page.getByRole('button', { name: 'Remove cem' }).click()
    await page.waitForURL(`${server.url}/compare?ids=autumn,spring`)
    await page.getByRole('button', { name: 'Remove Autumn' }).click()
    await page.getByText('Select 2 to 4 calculations in the list to compare them.').waitFor()
    await page.goBack()
    await page.goBack()
    await has('Autumn,Spring,cem')
    await page.getByRole('link', { name: 'Spring' }).click()
    await page.waitForURL(/sessions\/spring$/)
  })

  test('opens from a selection of two to four rows in the list', async () => {
    const page = await pages.page(server.url)
    const box = (id: string) => page.locator(`[data-id="${id}"]`).getByRole('checkbox')
    const selection = page.getByRole('region', { name: 'Selected calculations' })
    await box('spring').click()
    const disabled = selection.getByRole('button', { name: 'Compare' })
    expect(await disabled.getAttribute('aria-disabled')).toBe('true')
    await selection.getByText('Select 2 to 4 calculations to compare them.').waitFor()
    for (const id of ['autumn', 'euro', 'none', 'empty']) await box(id).click()
    await selection.getByText('5 selected', { exact: true }).waitFor()
    await disabled.waitFor()
    for (const id of ['none', 'empty']) await box(id).click()
    await selection.getByRole('link', { name: 'Compare' }).click()
    await page.waitForURL(`${server.url}/compare?ids=spring,autumn,euro`)
    await page.getByRole('columnheader', { name: /^Autumn/ }).waitFor()
    await page.goBack()
    await selection.getByText('3 selected', { exact: true }).waitFor()
  })

  test('gives the focus to the heading of the list when a user returns to it', async () => {
    const page = await opened('spring,autumn')
    await page.locator('h1').waitFor()
    await page.locator('.back a').click()
    await page.locator('#sessions-heading:focus').waitFor()
    expect(await page.title()).toBe('Mentoring benefit')
  })

  test.each(['en-GB', 'de-DE', 'fr-FR'])('prints on one sheet, upright or across: %s', async locale => {
    const page = await opened('spring,autumn,euro,none', { locale })
    await page.getByRole('row').nth(15).waitFor()
    for (const format of ['A4', 'Letter']) {
      for (const landscape of [false, true]) {
        const pdf = (await page.pdf({ format, landscape })).toString('latin1')
        expect([format, landscape, pdf.match(/\/Type \/Page\b(?!s)/g)?.length]).toEqual([format, landscape, 1])
      }
    }
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('button').count()).toBe(0)
    expect(await violations(page)).toEqual([])
  })

  test.each(['en-GB', 'de-DE', 'fr-FR'])(
    'scrolls sideways on a phone, with the names of the lines in view: %s',
    async locale => {
      const words = wordsOf(locale)
      const page = await opened('spring,autumn,euro', { locale, viewport: { width: 390, height: 844 } })
      const name = page.getByRole('rowheader', { name: words.calculator.sessions })
      await name.waitFor()
      const region = page.getByRole('region', { name: words.compare.heading })
      const before = await name.boundingBox()
      await region.focus()
      const isScrolled = async (): Promise<boolean> => {
        await page.keyboard.press('ArrowRight')
        return page.evaluate('document.querySelector(".scrolls").scrollLeft > 100')
      }
      await until(isScrolled, 20_000, 'the table to scroll')
      expect((await name.boundingBox())?.x).toBe(before?.x)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
      expect(await violations(page)).toEqual([])
    },
  )
})

describePages('the comparison of a reader', pages => {
  const reader = madeKey({ name: 'Rea Reader' })
  const server = serving(embeddedDatabase, { config: keyFile(reader).config })

  const signedIn = async (path: string): Promise<Page> => {
    const page = await pages.page(server.url + path)
    await page.getByLabel('Service key').fill(reader.key)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    return page
  }

  beforeAll(async () => {
    await stored(server.store, { session_id: 'mine', organisation_id: 'org_1' }, [figures(spring)])
    await stored(server.store, { session_id: 'second', organisation_id: 'org_1' })
    await stored(server.store, { session_id: 'other', organisation_id: 'org_2' }, [figures(autumn)])
  })

  test('opens from the list', async () => {
    const page = await signedIn('')
    for (const id of ['mine', 'second']) await page.locator(`[data-id="${id}"]`).getByRole('checkbox').click()
    await page.getByRole('link', { name: 'Compare' }).waitFor()
  })

  test('has the calculations of its scope only', async () => {
    const page = await signedIn('/compare?ids=mine,other')
    await page.getByRole('columnheader', { name: /^Spring/ }).waitFor()
    await page.getByRole('columnheader', { name: /other.*There is no calculation with this ID/ }).waitFor()
    expect(await page.getByText('Autumn').count()).toBe(0)
    pages.complaints()
  })
})
