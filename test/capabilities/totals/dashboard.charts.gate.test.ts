import type { Page } from 'playwright-core'
import { monthAfter } from '../../../src/domain/months'
import { calculate } from '../../../src/domain/time-value'
import { figures } from '../../db/every-kind'
import { inputsOf } from '../../support/inputs'
import { describePages } from '../../support/pages'
import { clockAt, serving } from '../../support/server'
import { noon, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { wordsOf } from '../../support/views'

const strange = 'a/b <c> & "d" \uffff 🎓 שלום 2'
const long = 'y'.repeat(200)

/** Results of `north` by the month in which their period ends, in GBP. Their sums are not exact as doubles. */
const north: Record<string, { sessions: number; cost_per_session: number; cost_per_hour: number }[]> = {
  '2024-06': [{ sessions: 9, cost_per_session: 1.1, cost_per_hour: 9.99 }],
  '2025-03': [{ sessions: 7, cost_per_session: 0.1, cost_per_hour: 20.02 }],
  '2025-04': [{ sessions: 3, cost_per_session: 0.1, cost_per_hour: 0.4 }],
  '2025-05': [
    { sessions: 1, cost_per_session: 1.15, cost_per_hour: 0.2 },
    { sessions: 3, cost_per_session: 0.29, cost_per_hour: 0.1 },
  ],
  '2025-12': [{ sessions: 7, cost_per_session: 0.7, cost_per_hour: 2.02 }],
  '2026-03': [{ sessions: 33, cost_per_session: 0.01, cost_per_hour: 20.02 }],
}

const charts = { value: '', cumulative: 'cumulative', yearBefore: 'year_before', hours: 'hours' }
type Kind = keyof typeof charts
const kinds = Object.keys(charts) as Kind[]

const titleOf = (kind: Kind, locale = 'en-GB'): string => {
  const { report, charts } = wordsOf(locale)
  return { value: report.byMonth, cumulative: charts.cumulative, yearBefore: charts.yearBefore, hours: charts.hours }[
    kind
  ]
}

/** Sums of the months up to `last`, from the month `first`, in hundredths. */
function sumsIn(first: string, last = first) {
  const results = Object.entries(north).flatMap(([month, all]) => (month >= first && month <= last ? all : []))
  const outputs = results.map(stated => calculate({ ...inputsOf(1), ...stated }))
  const sum = (of: 'time_value' | 'programme_cost' | 'total_hours'): number =>
    outputs.reduce((sum, output) => sum + Math.round(output[of] * 100), 0)
  return { value: sum('time_value'), cost: sum('programme_cost'), hours: sum('total_hours') }
}

const monthName = (month: string): string =>
  new Date(month).toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })
const decimals = (hundredths: number): string =>
  (hundredths / 100).toLocaleString('en-GB', { minimumFractionDigits: 2 })
const money = (hundredths: number): string => `${hundredths < 0 ? '−' : ''}£${decimals(Math.abs(hundredths))}`
const signed = (hundredths: number): string => `${hundredths > 0 ? '+' : ''}${money(hundredths)}`

const inNorth = { organisation: 'north' }
const inYear = Array.from({ length: 12 }, (_, i) =>
  i < 9 ? `2025-${String(i + 4).padStart(2, '0')}` : `2026-0${i - 8}`,
)

describePages('the charts of the report', pages => {
  const server = serving(embeddedDatabase, { clock: clockAt(noon) })

  beforeAll(async () => {
    const { store } = server
    for (const [month, results] of Object.entries(north)) {
      const period = { from: `${month}-01`, to: `${month}-20` }
      for (const stated of results) {
        await stored(store, { mentor_id: 'm', organisation_id: 'north' }, [
          figures({ ...stated, currency: 'GBP', period }),
        ])
      }
    }
    const old = { '2024-06': 'old', '2023-06': 'older' }
    for (const [month, mentor_id] of Object.entries(old)) {
      const period = { from: `${month}-01`, to: `${month}-20` }
      await stored(store, { mentor_id }, [figures({ currency: 'GBP', period })])
    }
    const others = { mentor_id: strange, organisation_id: strange }
    await stored(store, others, [figures({ sessions: 20, currency: 'EUR' })])
    await stored(store, others, [figures({ sessions: 999_999, cost_per_hour: 999_999.99 })])
    await stored(store, { mentor_id: 'm', organisation_id: long }, [
      figures({ sessions: 999_999, avg_minutes: 1_439, cost_per_hour: 999_999, currency: 'JPY' }),
    ])
  })

  const address = (kind: Kind, filter: Record<string, string> = inNorth): string =>
    `${server.url}/report?${new URLSearchParams({ ...filter, ...(charts[kind] && { chart: charts[kind] }) })}`

  /** Opens a chart. Its months are the last `last`. */
  async function open(kind: Kind, { filter, last, ...options }: Options = {}): Promise<Page> {
    const page = await pages.page(`${server.url}/healthz`, options)
    const range = last === undefined ? {} : { from: monthAfter('2026-03', 1 - last), to: '2026-03' }
    // The control on the page offers fewer lengths.
    if (last !== undefined) {
      await page.route('**/graphql', route => {
        const body = route.request().postDataJSON() as { query: string; variables: { last?: number } }
        if (/^query Trend/.test(body.query) && body.variables.last) body.variables.last = last
        return route.continue({ postData: JSON.stringify(body) })
      })
    }
    await page.goto(address(kind, { ...(filter ?? inNorth), ...range }))
    await page.locator('.months[aria-busy="false"] .chart').waitFor()
    const shown = page.locator('.chart [data-month]')
    await until(async () => (await shown.count()) === (last ?? 12), 10_000, 'the months')
    return page
  }

  const chooseInMenu = async (page: Page, action: string, locale = 'en-GB'): Promise<void> => {
    await page.getByRole('button', { name: wordsOf(locale).charts.menu, exact: true }).click()
    await page.getByRole('button', { name: action, exact: true }).click()
  }

  const rowsOf = async (page: Page, name: string): Promise<string[][]> => {
    await chooseInMenu(page, 'Show as a table')
    return cellsOf(page, name)
  }

  const cellsOf = async (page: Page, name: string): Promise<string[][]> => {
    const table = `table[aria-label="${name}"]`
    await page.locator(table).waitFor()
    return page.evaluate<string[][]>(`[...document.querySelectorAll('${table} tbody tr')].map(row =>
      [...row.querySelectorAll('th, td')].map(cell =>
        [...cell.childNodes].filter(node => !node.matches?.('.name')).map(node => node.textContent).join('')))`)
  }
  const noValue = '–none'
  const noResults = '–no results'

  test('value against cost has each month’s sums in its table', async () => {
    const page = await open('value')
    const rows = await rowsOf(page, titleOf('value'))
    expect(rows.map(([month, , , cost, value, net]) => [month, cost, value, net])).toEqual(
      inYear.map(month => {
        const { value, cost } = sumsIn(month)
        const loss = value < cost ? '▼ Cost is higher than value: ' : ''
        const shown =
          month in north ? [money(cost), money(value), loss + money(value - cost)] : [noValue, noValue, noValue]
        return [monthName(month), ...shown]
      }),
    )
  })

  test('cumulative value and cost has the exact sums from the first month in its table', async () => {
    const page = await open('cumulative')
    expect(await rowsOf(page, titleOf('cumulative'))).toEqual(
      inYear.map(month => {
        const { value, cost } = sumsIn('2025-04', month)
        return [monthName(month), money(cost), money(value), money(value - cost)]
      }),
    )
    expect(await page.locator('.chart path.line').count()).toBe(2)
  })

  test('the year before has the same months a year earlier, and exact differences', async () => {
    const page = await open('yearBefore', { last: 24 })
    const rows = await rowsOf(page, titleOf('yearBefore'))
    expect(rows).toHaveLength(24)
    const row = (month: string) => rows.find(([name]) => name === monthName(month))
    const [a, b] = [sumsIn('2026-03').value, sumsIn('2025-03').value]
    expect(row('2026-03')).toEqual([monthName('2026-03'), money(a), money(b), signed(a - b)])
    expect(row('2025-03')).toEqual([monthName('2025-03'), money(b), noValue, noValue])
    expect(row('2025-06')).toEqual([monthName('2025-06'), noValue, money(sumsIn('2024-06').value), noValue])
    await page.locator('.key').getByText('April 2023 – March 2025').waitFor()
    expect(await page.locator('[data-month="2026-03-01"] title').textContent()).toBe(
      `March 2026: March 2025 ${money(b)}, March 2026 ${money(a)}`,
    )
    expect(await page.getByText('There are no results').count()).toBe(0)
  })

  test('the totals are beside those of the same months a year before, with exact differences', async () => {
    const page = await open('value')
    const rows = await cellsOf(page, 'Compared with the same months a year earlier')
    const [now, before] = [sumsIn('2025-04', '2026-03'), sumsIn('2024-04', '2025-03')]
    const percent = (a: number, b: number): string =>
      `${a > b ? '+' : '−'}${Math.abs(Math.round((1000 * (a - b)) / b) / 10)}%`
    const row = (name: string, a: number, b: number, show = money, prefix = '') => [
      name,
      prefix + show(a),
      show(b),
      (a > b ? '+' : '') + show(a - b),
      percent(a, b),
    ]
    const loss = '▼ Cost is higher than value: '
    const net = [now.value - now.cost, before.value - before.cost] as const
    expect(rows.slice(0, 3)).toEqual([
      row('Value of mentors’ time', now.value, before.value),
      row('Programme cost', now.cost, before.cost),
      row('Net benefit', ...net, money, net[0] < 0 ? loss : ''),
    ])
    expect(rows.slice(3).map(([name]) => name)).toEqual(['Ratio', 'Hours of mentoring', 'Sessions'])
    expect(rows.at(-1)).toEqual(['Sessions', '47', '16', '+31', '+193.8%'])
    // A result of an earlier month changes only one side.
    const period = { from: '2024-12-01', to: '2024-12-20' }
    await stored(server.store, { session_id: 'of 2024', mentor_id: 'm', organisation_id: 'north' })
    await server.sessions.dispatch('of 2024', figures({ sessions: 4, currency: 'GBP', period }))
    await page.locator('.against').getByRole('row', { name: 'Sessions 47 20' }).waitFor()
    await server.sessions.close('of 2024')
    await page.locator('.against').getByRole('row', { name: 'Sessions 47 16' }).waitFor()
    await page.goto(address('value', { organisation: 'north', from: '2025-04', to: '2026-03' }))
    await page.locator('.compared').getByText('Compared with Apr 2024 – Mar 2025.').waitFor()
    await page.goto(address('value', { organisation: 'north', from: '2023-01', to: '2023-12' }))
    await page.getByText('No results in these months.').first().waitFor()
    await page.goto(address('value', { mentor: 'old', from: '2024-01', to: '2024-12' }))
    await page.locator('.against').getByText('There are no results in the same months a year earlier.').waitFor()
  })

  test('a chart is chosen on the page, kept in the address, and Back undoes the choice', async () => {
    const page = await open('value')
    const chosen = page.getByRole('combobox', { name: 'Chart' })
    const begun = page.url()
    await chosen.selectOption('Running total')
    await page.getByRole('heading', { name: titleOf('cumulative') }).waitFor()
    expect(page.url()).toBe(address('cumulative'))
    await page.reload()
    await page.getByRole('heading', { name: titleOf('cumulative') }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: titleOf('value') }).waitFor()
    expect(page.url()).toBe(begun)
  })

  test('a year before without results says so, on the page and in the file', async () => {
    const filter = { organisation: strange, amounts: 'EUR' }
    const page = await open('yearBefore', { filter })
    const note = 'There are no results in the same months a year earlier.'
    await page.locator('.months').getByText(note).waitFor()
    expect(await textsIn(await fileOf(page, 'SVG'))).toContain(note)
  })

  test('the year before is read again when a result is added', async () => {
    const page = await open('yearBefore', { filter: { mentor: 'old' }, last: 24 })
    await page.locator('[data-month="2025-06-01"] rect.before').waitFor({ state: 'attached' })
    expect(await page.locator('[data-month="2026-02-01"] rect.before').count()).toBe(0)
    const period = { from: '2025-02-01', to: '2025-02-20' }
    await stored(server.store, { session_id: 'another', mentor_id: 'old' })
    await server.sessions.dispatch('another', figures({ currency: 'GBP', period }))
    await page.locator('[data-month="2026-02-01"] rect.before').waitFor({ state: 'attached' })
  })

  test.each(kinds)('the %s chart of months without results is empty and says so, also in the file', async kind => {
    const page = await open(kind, { filter: { mentor: 'older' } })
    await page.locator('.chart').getByText('No results in these months.').waitFor()
    expect(await textsIn(await fileOf(page, 'SVG'))).toContain('No results in these months.')
    expect(await page.locator('.chart').getByLabel('0 of 12 months have results').count()).toBe(1)
  })

  test('hours count the results in the chosen currency only, and say so', async () => {
    const page = await open('hours')
    await page.getByText('only results in GBP, British Pound').waitFor()
    const rows = await rowsOf(page, titleOf('hours'))
    expect(rows.map(([month, , , hours]) => [month, hours])).toEqual(
      inYear.map(month => [monthName(month), month in north ? decimals(sumsIn(month).hours) : noValue]),
    )
    expect(rows[0]?.slice(1, 3)).toEqual(['1', '3'])
    expect(rows[2]?.slice(1, 3)).toEqual([noResults, noValue])
    await page.goto(address('hours', { organisation: strange, amounts: 'none' }))
    await page.getByText('· only results without a currency').waitFor()
  })

  const fileOf = async (page: Page, type: 'SVG' | 'PNG', locale = 'en-GB') => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      chooseInMenu(page, wordsOf(locale).charts[type === 'PNG' ? 'savePng' : 'saveSvg'], locale),
    ])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk)
    return { name: download.suggestedFilename(), content: Buffer.concat(chunks) }
  }
  type SavedFile = Awaited<ReturnType<typeof fileOf>>

  /** Opens a page without a policy, which can parse and draw the files. */
  const plainPage = () => pages.page('about:blank')

  /** Returns the texts that a saved SVG file shows, in order. */
  const textsIn = async ({ content }: SavedFile): Promise<string[]> =>
    (await plainPage()).evaluate(`(() => {
      const parsed = new DOMParser().parseFromString(${JSON.stringify(content.toString())}, 'image/svg+xml')
      if (parsed.querySelector('parsererror')) throw new Error(parsed.documentElement.textContent)
      return [...parsed.querySelectorAll('text')].map(text => text.textContent)
    })()`)

  test.each(kinds)('the %s chart as SVG is complete on its own, with any names', async kind => {
    const page = await open(kind, {
      filter: { organisation: strange, mentor: strange, amounts: 'EUR' },
      colorScheme: 'dark',
    })
    const file = await fileOf(page, 'SVG')
    const texts = await textsIn(file)
    const shown = strange.replace('\uffff', '\ufffd')
    const sources = texts.filter(text => text.startsWith('Source: Mentoring benefit, '))
    const today = new Date().toLocaleDateString('en-GB', { dateStyle: 'long' })
    expect(sources).toEqual([`Source: Mentoring benefit, ${today}`])
    expect(texts[0]).toBe(titleOf(kind))
    expect(
      texts
        .slice(1)
        .join(' ')
        .replace(/[\u2068\u2069]/g, ''),
    ).toContain(`Mentor ${shown} at ${shown} April 2025 – March 2026 · `)
    expect(texts.join(' ')).toContain('EUR, Euro')
    const key = await page.locator('.chart .key li').allTextContents()
    for (const name of key.filter(name => !name.includes('▼'))) expect(texts).toContain(name)
    const xml = file.content.toString()
    expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(xml).not.toMatch(/<style|style=|href|url\(|var\(|data:/)
  })

  test('the files have the light colours of the page', async () => {
    const page = await open('value', { colorScheme: 'light' })
    const xml = (await fileOf(page, 'SVG')).content.toString()
    for (const name of ['--ink', '--soft', '--line', '--strong-line', '--value', '--cost', '--loss']) {
      const colour = await page.evaluate(`getComputedStyle(document.documentElement).getPropertyValue('${name}')`)
      expect([name, xml.includes(String(colour).trim())]).toEqual([name, true])
    }
  })

  test('a chart as PNG shows the same as the SVG, at twice the size and on white', async () => {
    const page = await open('value')
    const [svg, png] = [await fileOf(page, 'SVG'), await fileOf(page, 'PNG')]
    expect(png.content.subarray(0, 8)).toEqual(Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]))
    expect([png.content.readUInt32BE(16), png.content.readUInt32BE(20)]).toEqual([1_920, 1_080])
    const urls = [
      `data:image/png;base64,${png.content.toString('base64')}`,
      `data:image/svg+xml;base64,${svg.content.toString('base64')}`,
    ]
    // At a quarter of the size, the edges of glyphs, which a browser may draw differently each time, make no difference.
    const { corner, coloured, different } = (await (
      await plainPage()
    ).evaluate(`(async () => {
      const [png, svg] = await Promise.all(${JSON.stringify(urls)}.map(async url => {
        const image = Object.assign(new Image(), { src: url })
        await image.decode()
        const [drawn, small] = [4, 1].map(times =>
          Object.assign(document.createElement('canvas'), { width: 480 * times, height: 270 * times }))
        drawn.getContext('2d').drawImage(image, 0, 0, drawn.width, drawn.height)
        const context = Object.assign(small.getContext('2d'), { imageSmoothingQuality: 'high' })
        context.drawImage(drawn, 0, 0, small.width, small.height)
        return context.getImageData(0, 0, small.width, small.height).data
      }))
      const near = (a, b) => [0, 1, 2].every(i => Math.abs(a[i] - b[i]) < 48)
      let [coloured, different] = [0, 0]
      for (let i = 0; i < png.length; i += 4) {
        const [a, b] = [png.subarray(i, i + 4), svg.subarray(i, i + 4)]
        if (!near(a, [255, 255, 255])) coloured++
        if (!near(a, b)) different++
      }
      return { corner: [...png.subarray(0, 4)], coloured, different }
    })()`)) as { corner: number[]; coloured: number; different: number }
    expect(corner).toEqual([255, 255, 255, 255])
    expect(coloured).toBeGreaterThan(2_000)
    expect(different / coloured).toBeLessThan(0.02)
  })

  test('a file is named after the chart, its subject, months and currency', async () => {
    const page = await open('hours')
    const named = 'hours-of-mentoring-by-month-organisation-north-2025-04-2026-03-gbp'
    expect((await fileOf(page, 'SVG')).name).toBe(`${named}.svg`)
    expect((await fileOf(page, 'PNG')).name).toBe(`${named}.png`)
    const other = await open('hours', { filter: { organisation: long } })
    expect((await fileOf(other, 'SVG')).name).toMatch(
      /^hours-of-mentoring-by-month-organisation-y{26}-2025-04-2026-03-jpy\.svg$/,
    )
  })

  /**
   * Returns the texts of the first SVG element of a page that are cut off, or that cross another text or a shape. The
   * background of a file and the area of a month that can be pointed at are no shapes.
   */
  const faultsOfLabels = (page: Page) =>
    page.evaluate(`(() => {
      const svg = document.querySelector('svg[role="img"]')
      const within = svg.getBoundingClientRect()
      const boxes = selector => [...svg.querySelectorAll(selector)].map(of => [of.textContent || of.outerHTML, of.getBoundingClientRect()])
      const texts = boxes('text')
      const shapes = boxes('path, line, rect:not(.band, title + rect:first-of-type)').filter(([, { height }]) => height < within.height)
      const cut = texts.filter(([, { left, right, top, bottom }]) =>
        left < within.left - 0.5 || right > within.right + 0.5 || top < within.top - 0.5 || bottom > within.bottom + 0.5)
      const cross = (x, y) => x.left < y.right && y.left < x.right && x.top + 3 < y.bottom && y.top + 3 < x.bottom
      const crossed = texts.flatMap(([a, x], i) => [...texts.slice(i + 1), ...shapes]
        .filter(([, y]) => cross(x, y)).map(([b]) => a + ' × ' + b))
      return { labels: texts.length > 4, shapes: shapes.length > 4, cut: cut.map(([text]) => text), crossed }
    })()`)
  const noFaults = { labels: true, shapes: true, cut: [], crossed: [] }

  test.each(kinds)(
    'no label of the %s chart is cut off or crossed, in any language, with few or many months and large amounts, on the page and in the file',
    async kind => {
      for (const [locale, width, last, organisation] of [
        ['de-DE', 1_280, 120, 'north'],
        ['fr-FR', 320, 36, strange],
        ['de-DE', 320, 1, long],
      ] as const) {
        const viewport = { width, height: 800 }
        const page = await open(kind, { filter: { organisation }, last, locale, viewport })
        const found = [await faultsOfLabels(page)]
        const { content } = await fileOf(page, 'SVG', locale)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        const plain = await plainPage()
        await plain.setContent(content.toString().replace(/^<\?.*\?>/, ''))
        found.push(await faultsOfLabels(plain))
        expect([locale, last, ...found]).toEqual([locale, last, noFaults, noFaults])
        await page.context().close()
        await plain.context().close()
      }
    },
    180_000,
  )

  test('an error in the year before is shown as it is, and nothing waits for that year any more', async () => {
    const page = await pages.page(`${server.url}/healthz`)
    await page.route('**/graphql', async route => {
      const { query } = route.request().postDataJSON()
      if (!/^query YearBefore/.test(query)) return route.fallback()
      const extensions = { code: 'VALIDATION_FAILED', errors: [{ pointer: '/filter/organisationId' }] }
      await route.fulfill({ json: { errors: [{ message: 'x', extensions }] } })
    })
    await page.goto(address('yearBefore'))
    await page.locator('.months').getByRole('alert').getByText('The server didn’t accept this.').waitFor()
    await page.locator('.months[aria-busy="false"]').waitFor()
    expect(await page.getByText('There are no results in the same months a year earlier.').count()).toBe(0)
  })

  test('a chart prints whole on one sheet, A4 or Letter, without buttons', async () => {
    const page = await open('value', { colorScheme: 'dark', viewport: { width: 400, height: 800 }, last: 120 })
    for (const format of ['A4', 'Letter']) {
      const pdf = (await page.pdf({ format, preferCSSPageSize: true })).toString('latin1')
      expect([format, pdf.match(/\/Type \/Page\b(?!s)/g)?.length]).toEqual([format, 1])
    }
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('heading', { name: titleOf('value') }).isVisible()).toBe(true)
    expect(await page.locator('.months').getByRole('button').count()).toBe(0)
    expect(await page.getByRole('combobox').count()).toBe(0)
  })
})

interface Options {
  filter?: Record<string, string>
  last?: number
  locale?: string
  colorScheme?: 'light' | 'dark'
  viewport?: { width: number; height: number }
}
