import type { Page } from 'playwright-core'
import * as documents from '../../../dashboard/src/capabilities/totals/documents'
import * as reportDocuments from '../../../dashboard/src/capabilities/totals/report/documents'
import { reportCharts } from '../../../dashboard/src/capabilities/totals/report/route'
import { chartsDe } from '../../../dashboard/src/capabilities/totals/words/charts-de'
import { chartsEn } from '../../../dashboard/src/capabilities/totals/words/charts-en'
import { chartsFr } from '../../../dashboard/src/capabilities/totals/words/charts-fr'
import { figuresDe } from '../../../dashboard/src/capabilities/totals/words/figures-de'
import { figuresEn } from '../../../dashboard/src/capabilities/totals/words/figures-en'
import { figuresFr } from '../../../dashboard/src/capabilities/totals/words/figures-fr'
import { reportDe } from '../../../dashboard/src/capabilities/totals/words/report-de'
import { reportEn } from '../../../dashboard/src/capabilities/totals/words/report-en'
import { reportFr } from '../../../dashboard/src/capabilities/totals/words/report-fr'
import { sourcesDe } from '../../../dashboard/src/capabilities/totals/words/sources-de'
import { sourcesEn } from '../../../dashboard/src/capabilities/totals/words/sources-en'
import { sourcesFr } from '../../../dashboard/src/capabilities/totals/words/sources-fr'
import type { Grammar } from '../../../dashboard/src/words/grammar'
import { monthAfter, monthAt } from '../../../src/domain/months'
import { type Timestamp, timestamp } from '../../../src/domain/timestamp'
import type { Clock, Server } from '../../support/server'
import type { DashboardCapability, View, Words } from '../../support/view'

const words = {
  en: (grammar: Grammar) => ({
    figures: figuresEn(grammar),
    report: reportEn(grammar),
    sources: sourcesEn(grammar),
    charts: chartsEn(grammar),
  }),
  de: (grammar: Grammar) => ({
    figures: figuresDe(grammar),
    report: reportDe(grammar),
    sources: sourcesDe(grammar),
    charts: chartsDe(grammar),
  }),
  fr: (grammar: Grammar) => ({
    figures: figuresFr(grammar),
    report: reportFr(grammar),
    sources: sourcesFr(grammar),
    charts: chartsFr(grammar),
  }),
}

declare module '../../support/view' {
  interface Words extends ReturnType<(typeof words)['en']> {}
}

const listed = (page: Page): Promise<void> => page.getByTestId('netBenefit').getByText(/\d/).waitFor()

/** Waits until the list is shown, with its figures. */
async function shown(page: Page): Promise<Page> {
  await page.locator('.rows [data-id]').first().waitFor()
  await listed(page)
  return page
}

/** Shows the figures of the report's chart as a table. */
async function showTable(page: Page, { charts, report }: Words): Promise<Page> {
  await page.getByRole('button', { name: charts.menu }).click()
  await page.getByRole('button', { name: report.asTable }).click()
  await page.locator('.months table').waitFor()
  return page
}

/** Adds a result in each of the 24 months before this one, so that reports have a year to compare with. */
async function addTwoYears({ server: { sessions }, clock }: { server: Server; clock: Clock }): Promise<void> {
  const now = clock()
  for (let ago = 24; ago > 0; ago--) {
    const month = monthAfter(monthAt(timestamp(now)), -ago)
    clock.set(`${month}-15T10:00:00Z` as Timestamp)
    for (const [organisation_id, mentors] of [
      ['northside-youth', 107],
      ['harbour-trust', 103],
    ] as const) {
      const mentor_id = `mentor-${mentors + (ago % 5)}`
      const { session_id } = (await sessions.start({ mentor_id, organisation_id })).session
      const payload = {
        sessions: 240 + 12 * (24 - ago) - (ago % 4) * 40,
        avg_minutes: 50,
        cost_per_session: ago === 7 ? 38 : 9.5,
        cost_per_hour: 28.5,
        currency: 'GBP',
      }
      await sessions.dispatch(session_id, { event: 'CalculateRequested', payload })
    }
  }
  clock.set(timestamp(now))
}

export const dashboard: DashboardCapability = {
  documents: { ...documents, ...reportDocuments },
  words,
  loanwords: { fr: ['report.total', 'sources.source'] },
  listed,
  async add(to) {
    await addTwoYears(to)
    return { world: {} }
  },
  views: [
    {
      name: 'list-compared',
      async open({ url }, open) {
        const page = await shown(await open(`${url}/?organisation=northside-youth&from=2026-01&to=2026-03`))
        await page.locator('.figure-strip .change').first().waitFor()
        return page
      },
    },
    {
      name: 'start-existing',
      async open({ url }, open, words) {
        const page = await shown(await open(url))
        await page.getByRole('button', { name: words.start.open }).click()
        await page.getByLabel(words.mentor, { exact: true }).fill('MENTOR-101')
        await page.getByRole('button', { name: words.start.submit }).click()
        await page.getByText(words.faults.exists('mentor-101', 'MENTOR-101')).waitFor()
        await page.getByRole('button', { name: words.didYouMean('mentor-101') }).waitFor()
        return page
      },
    },
    {
      name: 'report',
      async open({ url }, open, words) {
        const page = await open(`${url}/report`)
        await page.locator('.breakdown tbody tr').first().waitFor()
        await page.getByRole('table', { name: words.sources.heading }).waitFor()
        await page.locator('.against table').first().waitFor()
        return showTable(page, words)
      },
    },
    ...reportCharts.map(
      (chart): View => ({
        name: `report-${chart}`,
        async open({ url }, open, words) {
          const page = await open(`${url}/report?chart=${chart}`)
          await page.locator('.months[aria-busy="false"]').waitFor()
          return showTable(page, words)
        },
      }),
    ),
    {
      name: 'report-menu',
      async open({ url }, open, words) {
        const page = await open(`${url}/report`)
        await page.locator('.months[aria-busy="false"]').waitFor()
        await page.getByRole('button', { name: words.charts.menu }).click()
        await page.getByRole('button', { name: words.charts.savePng }).waitFor()
        return page
      },
    },
    {
      name: 'report-organisation',
      async open({ url }, open, words) {
        const page = await open(`${url}/report?organisation=northside-youth&from=2018-01&to=2022-12`)
        await page.getByText(words.months.noResults).waitFor()
        return page
      },
    },
    {
      name: 'report-mentor',
      async open({ url }, open) {
        const page = await open(`${url}/report?mentor=mentor-107`)
        await page.locator('.breakdown tbody tr').first().waitFor()
        await page.locator('.against table').first().waitFor()
        return page
      },
    },
    {
      name: 'report-months',
      async open({ url }, open, words) {
        const page = await open(`${url}/report`)
        await page.locator('.breakdown tbody tr').first().waitFor()
        await page.getByRole('combobox', { name: words.months.label, exact: true }).selectOption('thisFinancialYear')
        await page.locator('.report[aria-busy="false"]').waitFor()
        return page
      },
    },
  ],
}
