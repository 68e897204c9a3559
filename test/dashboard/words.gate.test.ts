import { gzipSync } from 'node:zlib'
import type { SessionEvent } from '../../dashboard/src/types'
import { chooseLanguage } from '../../dashboard/src/words/language'
import { describePages } from '../support/pages'
import { isOfDashboard, loanwords, others, textsOf, untranslatedIn } from '../support/translations'
import type { World } from '../support/view'
import { views, wordsOf, worldOf } from '../support/views'

const english = wordsOf('en-GB')

test.each([
  [['de-AT', 'en-GB'], 'de', 'de-AT'],
  [['fr-CA'], 'fr', 'fr-CA'],
  [['en-US', 'de'], 'en', 'en-US'],
  [['es-ES', 'fr', 'de'], 'fr', 'fr'],
  [['es-ES', 'ja'], 'en', 'en-GB'],
  [['den', 'frr', 'enm'], 'en', 'en-GB'],
  [['DE-ch'], 'de', 'DE-ch'],
  [[], 'en', 'en-GB'],
])('a user that prefers %j gets %s in the formats of %s', (preferred, language, locale) => {
  expect(chooseLanguage(preferred)).toEqual({ language, locale })
})

test.each([
  [['en-GB', 'de-CH'], 'de', 'de-CH'],
  [['en-US'], 'fr', 'fr'],
  [['de-AT'], 'en', 'en-GB'],
  [['fr', 'en-US'], 'en', 'en-US'],
] as const)('a user that prefers %j and chooses %s gets the formats of %s', (preferred, language, locale) => {
  expect(chooseLanguage(preferred, language)).toEqual({ language, locale })
})

test.each(Object.entries(others))('every text is translated in %s, except loanwords', (language, locale) => {
  const texts = Object.fromEntries(textsOf(wordsOf(locale)))
  const same = textsOf(english).filter(([place, text]) => texts[place] === text)
  const name = language as keyof typeof others
  expect(same.map(([place]) => place)).toEqual(loanwords[name])
})

test('French has a no-break space before its punctuation marks and inside its quotation marks', () => {
  const { start, refusals, faults } = wordsOf('fr-FR')
  const allowedEvents: SessionEvent[] = ['RESET_REQUESTED']
  const refused = refusals.EVENT_REFUSED({ currentState: 'LOADED', event: 'RETRY_REQUESTED', allowedEvents })
  const made = [refused, faults.required(start.open)]
  const broken = [...textsOf(wordsOf('fr-FR')).map(([, text]) => text), ...made].filter(text =>
    /[ \w][;:?!»]|« /.test(text),
  )
  expect(broken).toEqual([])
})

test('counts use the plural forms of their language', () => {
  const [de, fr] = ['de-DE', 'fr-FR'].map(wordsOf)
  expect([0, 1, 2].map(n => de?.connection.caughtUp(n))).toEqual([
    '0 Änderungen nachgeladen',
    '1 Änderung nachgeladen',
    '2 Änderungen nachgeladen',
  ])
  expect(fr?.list.count(1_000_000)).toMatch(/^1\s000\s000 de calculs/)
})

describePages('in German and in French', pages => {
  let world: World
  beforeAll(async () => {
    world = await worldOf()
  })
  afterAll(() => world?.end())

  test('no view has an English word in French, and none exceeds a small screen', async () => {
    const [locale, size] = [others.fr, { width: 320, height: 740 }]
    const found: unknown[] = []
    for (const { name, open } of views.filter(isOfDashboard)) {
      const page = await open(world, url => pages.page(url, { locale, viewport: size }), wordsOf(locale))
      const untranslated = await untranslatedIn(page, 'fr')
      if (untranslated.length > 0) found.push({ name, untranslated })
      const taken = Number(await page.evaluate('document.documentElement.scrollWidth'))
      if (taken > size.width) found.push({ name, taken })
      expect(await page.locator('html').getAttribute('lang')).toBe(locale)
      await page.context().close()
    }
    expect(found).toEqual([])
  })

  test.each([
    ['de-AT', /Min\./],
    ['fr-CH', /min/],
  ])('numbers, amounts and units are in the format of %s', async (locale, minutes) => {
    const page = await pages.page(`${world.url}/sessions/${world.session}`, { locale })
    const words = wordsOf(locale)
    await page.getByText(words.result.breakEvenMinutes).waitFor()
    const money = new Intl.NumberFormat(locale, { style: 'currency', currency: 'GBP' })
    await page.getByTestId('result-net').getByText(money.format(310.42)).waitFor()
    await page.getByRole('definition').getByText(minutes).waitFor()
  })

  test("a page loads English, the user's language, and at most 100 kB of compressed scripts", async () => {
    const page = await pages.page(`${world.url}/sessions/${world.session}`, { locale: 'fr-FR' })
    await page.getByText(wordsOf('fr-FR').result.breakEvenMinutes).waitFor()
    const names = (await page.evaluate(
      "performance.getEntriesByType('resource').map(({ name }) => name).filter(name => name.endsWith('.js'))",
    )) as string[]
    const scripts = await Promise.all(names.map(async name => gzipSync(await (await fetch(name)).text()).length))
    expect(names.some(name => name.includes('/fr-'))).toBe(true)
    expect(names.some(name => name.includes('/de-'))).toBe(false)
    expect(scripts.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000)
  })

  test('a user can choose another language than the browser’s, which remembers it', async () => {
    const page = await pages.page(`${world.url}/sessions/${world.session}`, { locale: 'en-US' })
    await page.getByLabel('Number of sessions').fill('40')
    await page.getByText('not saved', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Menu' }).click()
    // A number that was typed in one language can be another number in the next one.
    const choice = page.getByRole('combobox', { name: 'Language' })
    expect(await choice.isDisabled()).toBe(true)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Undo changes' }).click()
    await page.getByRole('button', { name: 'Menu' }).click()
    await choice.selectOption('Deutsch')
    const german = wordsOf('de')
    await page.getByTestId('result-net').getByText('310,42').waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('de')
    await page.reload()
    await page.getByRole('button', { name: german.menu.open }).click()
    const language = page.getByRole('combobox', { name: german.menu.language })
    expect(await language.inputValue()).toBe('de')
    await language.selectOption(german.menu.browserLanguage)
    await page.getByTestId('result-net').getByText('310.42').waitFor()
  })

  test('a user with none of the languages gets English, in English formats', async () => {
    const page = await pages.page(`${world.url}/sessions/${world.session}`, { locale: 'es-ES' })
    await page.getByTestId('result-net').getByText('£310.42').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en-GB')
  })

  test('if a catalogue cannot be loaded, the page is in English', async () => {
    const page = await pages.page(world.shared, { locale: 'de-DE' })
    await page.route(/\/de-[^/]*\.js$/, route => route.abort())
    await page.goto(world.url)
    await page.getByRole('heading', { name: english.list.all }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en-GB')
    expect(pages.complaints()).toEqual([expect.stringContaining('ERR_FAILED')])
  })
})
