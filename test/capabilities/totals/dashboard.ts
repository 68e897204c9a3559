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
import type { DashboardCapability, View } from '../../support/view'

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

export const dashboard: DashboardCapability = {
  documents: { ...documents, ...reportDocuments },
  words,
  loanwords: { fr: ['sources.source'] },
  listed,
  async add({ server: { sessions } }) {
    const { session } = await sessions.start({ mentor_id: 'mentor-107', organisation_id: 'northside-youth' })
    const period = { from: '2025-01-20', to: '2025-03-28' }
    const payload = { sessions: 30, avg_minutes: 40, cost_per_session: 21, cost_per_hour: 29, currency: 'GBP', period }
    await sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
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
      name: 'search',
      async open({ url }, open, words) {
        const page = await shown(await open(url))
        await page.getByRole('combobox', { name: words.figures.search.label }).fill('t')
        await page.getByRole('listbox').getByRole('option').first().waitFor()
        return page
      },
    },
    {
      name: 'start-suggestions',
      async open({ url }, open, words) {
        const page = await shown(await open(url))
        await page.getByRole('button', { name: words.start.open }).click()
        await page.getByLabel(words.mentor, { exact: true }).pressSequentially('mentor')
        await page.getByRole('dialog').getByRole('option').first().waitFor()
        await page.keyboard.press('ArrowDown')
        return page
      },
    },
    {
      name: 'start-existing',
      async open({ url }, open, words) {
        const page = await shown(await open(url))
        await page.getByRole('button', { name: words.start.open }).click()
        await page.getByLabel(words.mentor, { exact: true }).fill('MENTOR-101')
        await page.getByRole('button', { name: words.didYouMean('mentor-101') }).waitFor()
        await page.getByRole('button', { name: words.start.submit }).click()
        await page.getByText(words.faults.exists('mentor-101', 'MENTOR-101')).waitFor()
        return page
      },
    },
    {
      name: 'report',
      async open({ url }, open, words) {
        const page = await open(`${url}/report`)
        await page.locator('.breakdown tbody tr').first().waitFor()
        await page.getByRole('table', { name: words.sources.heading }).waitFor()
        await page.getByText(words.report.asTable).click()
        return page
      },
    },
    ...reportCharts.map(
      (chart): View => ({
        name: `report-${chart}`,
        async open({ url }, open, words) {
          const page = await open(`${url}/report?chart=${chart}`)
          await page.locator('.months[aria-busy="false"]').waitFor()
          await page.getByText(words.report.asTable).click()
          return page
        },
      }),
    ),
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
