import { describePages, schemes, violations } from '../support/pages'
import { views, type World, wordsOf, worldOf } from '../support/views'

const screens = [
  { width: 1_280, height: 860 },
  { width: 320, height: 740 },
]
const widths = [1_280, 1_000, 740, 320]

describePages('every view', pages => {
  let world: World
  beforeAll(async () => {
    world = await worldOf()
  }, 60_000)
  afterAll(() => world?.end())

  test.each(views)(
    '$name: axe-core finds nothing in either scheme on any screen, and nothing is wider than the screen',
    async ({ open }) => {
      const page = await open(world, url => pages.page(url), wordsOf('en-GB'))
      const found: unknown[] = []
      for (const screen of screens) {
        await page.setViewportSize(screen)
        for (const colorScheme of schemes) {
          await page.emulateMedia({ colorScheme })
          found.push(...(await violations(page)).map(violation => ({ screen, colorScheme, violation })))
        }
      }
      for (const width of widths) {
        await page.setViewportSize({ width, height: 860 })
        const taken = Number(await page.evaluate('document.documentElement.scrollWidth'))
        if (taken > width) found.push({ width, violation: `is ${taken} wide` })
      }
      expect(found).toEqual([])
    },
    60_000,
  )

  test('the shared result prints on one sheet, in the dark scheme too', async () => {
    const page = await pages.page(world.shared, { colorScheme: 'dark', javaScriptEnabled: false })
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
    expect(pdf.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(1)
  }, 30_000)

  test('no string becomes markup: the browser itself refuses it', async () => {
    const page = await pages.page(world.url)
    const refused = await page.evaluate(`(() => {
      try { document.body.innerHTML = '<b>x</b>' } catch (error) { return error.name }
    })()`)
    expect(refused).toBe('TypeError')
    expect(pages.complaints()).toEqual([expect.stringContaining('TrustedHTML')])
  }, 30_000)
})
