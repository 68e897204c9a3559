import { fill } from '../../../bench/filling'
import { describePages } from '../../support/pages'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const count = 5_000
/** Sixty times what a plain table takes, and half of what the rows of the screen take. */
const limitMs = 240_000

describePages(`a list of ${count} calculations`, pages => {
  const server = serving(async () => {
    const database = await embeddedDatabase()
    const store = await database.open()
    await fill(store, count)
    await store.end()
    return database
  })

  test(
    'prints completely, as a plain table does',
    async () => {
      const page = await pages.page(server.url)
      await page.getByRole('grid', { name: '5,000 calculations' }).waitFor()
      await page.evaluate("window.print = () => { document.documentElement.dataset.printed = 'true' }")
      await page.getByRole('button', { name: 'Print' }).click()
      await page.locator('html[data-printed="true"]').waitFor()
      const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
      expect(pdf.match(/\/Type \/Page\b(?!s)/g)?.length).toBeGreaterThan(60)
    },
    limitMs,
  )
})
