import { done, restApi } from '../support/interfaces'
import { describePages, violations } from '../support/pages'
import { isOfDashboard, untranslatedIn } from '../support/translations'
import type { World } from '../support/view'
import { views, wordsOf, worldOf } from '../support/views'

/** The layout depends on the width, and the colours on the scheme. These looks cover each of both. */
const looks = [
  { screen: { width: 1_280, height: 860 }, colours: { colorScheme: 'light' }, rules: 'colours' },
  { screen: { width: 1_280, height: 860 }, colours: { forcedColors: 'active' }, rules: 'colours' },
  { screen: { width: 320, height: 740 }, colours: { colorScheme: 'dark', forcedColors: 'none' }, rules: 'all' },
] as const

/** Returns the link to a result with every optional member, which is no longer the newest. */
async function formerResult({ url }: World): Promise<string> {
  const api = restApi({ url })
  const { session_id } = done(await api.start({ mentor_id: 'm' })).session
  const stated = {
    label: 'w '.repeat(60),
    currency: 'EUR',
    period: { from: '2026-01-19', to: '2026-09-27' },
    value_source: 'ASHE 2025, teaching assistants, median',
    note: 'Preparation counts.\nTravel does not.',
    cost_per_hour_range: { low: 25, high: 35.5 },
  }
  const figures = { avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30, ...stated }
  done(await api.dispatch(session_id, 'CalculateRequested', { sessions: 125_000, ...figures }))
  done(await api.dispatch(session_id, 'ShareRequested'))
  const { share } = done(await api.share(session_id))
  done(await api.dispatch(session_id, 'CalculateRequested', { sessions: 1, ...figures }))
  return url + share.path
}

const widths = [1_280, 1_000, 740, 320]

describePages('every view', pages => {
  let world: World
  beforeAll(async () => {
    world = await worldOf()
  })
  afterAll(() => world?.end())

  test.each(views)(
    '$name: axe-core finds no fault, wide or narrow, in light, dark and forced colours, nothing exceeds the screen, and nothing is left in English',
    async view => {
      // German words are the longest.
      const page = await view.open(world, url => pages.page(url, { locale: 'de-DE' }), wordsOf('de-DE'))
      const found: unknown[] = isOfDashboard(view) ? await untranslatedIn(page, 'de') : []
      for (const { screen, colours, rules } of looks) {
        await page.setViewportSize(screen)
        await page.emulateMedia(colours)
        found.push(...(await violations(page, rules)).map(violation => ({ screen, colours, violation })))
      }
      for (const width of widths) {
        await page.setViewportSize({ width, height: 860 })
        const taken = Number(await page.evaluate('document.documentElement.scrollWidth'))
        if (taken > width) found.push({ width, violation: `is ${taken} wide` })
      }
      expect(found).toEqual([])
    },
    180_000,
  )

  test.each(['en-GB', 'de-DE', 'fr-FR'])(
    'a shared result with every optional member prints on one sheet and fits a phone: %s',
    async locale => {
      const page = await pages.page(await formerResult(world), {
        colorScheme: 'dark',
        locale,
      })
      for (const format of [{ preferCSSPageSize: true }, { format: 'Letter' }]) {
        const pdf = (await page.pdf(format)).toString('latin1')
        expect([format, pdf.match(/\/Type \/Page\b(?!s)/g)?.length]).toEqual([format, 1])
      }
      await page.setViewportSize({ width: 320, height: 740 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
      expect(await violations(page)).toEqual([])
    },
    180_000,
  )

  test('the pictures of a shared result have the colours that the system sets', async () => {
    const page = await pages.page(world.shared, { colorScheme: 'light' })
    const stroke = () =>
      page.evaluate('getComputedStyle(document.querySelector("svg line[stroke=\'var(--value)\']")).stroke')
    const before = await stroke()
    await page.emulateMedia({ forcedColors: 'active' })
    expect(await stroke()).not.toBe(before)
  })

  test('no string becomes markup, enforced by the browser', async () => {
    const page = await pages.page(world.url)
    const refused = await page.evaluate(`(() => {
      try { document.body.innerHTML = '<b>x</b>' } catch (error) { return error.name }
    })()`)
    expect(refused).toBe('TypeError')
    expect(pages.complaints()).toEqual([expect.stringContaining('TrustedHTML')])
  })
})
