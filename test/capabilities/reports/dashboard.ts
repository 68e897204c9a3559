import * as documents from '../../../dashboard/src/capabilities/reports/documents'
import { shareReportDe } from '../../../dashboard/src/capabilities/reports/words/de'
import { shareReportEn } from '../../../dashboard/src/capabilities/reports/words/en'
import { shareReportFr } from '../../../dashboard/src/capabilities/reports/words/fr'
import { reportPath } from '../../../src/capabilities/reports/model'
import { monthAfter, monthAt } from '../../../src/domain/months'
import { timestamp } from '../../../src/domain/timestamp'
import type { DashboardCapability } from '../../support/view'

declare module '../../support/view' {
  interface World {
    /** A report of one year, and one that was revoked. */
    report: string
    reportGone: string
  }
  interface Words {
    shareReport: ReturnType<typeof shareReportEn>
  }
}

export const dashboard: DashboardCapability = {
  documents,
  words: {
    en: grammar => ({ shareReport: shareReportEn(grammar) }),
    de: grammar => ({ shareReport: shareReportDe(grammar) }),
    fr: grammar => ({ shareReport: shareReportFr(grammar) }),
  },
  async add({ server: { reports, url }, clock }) {
    const month = monthAt(timestamp(clock()))
    const about = { title: 'Mentoring 2026', from: monthAfter(month, -11), to: month }
    const [report, revoked] = [await reports.share(about), await reports.share(about)]
    await reports.revoke(revoked.report_id)
    return { world: { report: url + reportPath(report.token), reportGone: url + reportPath(revoked.token) } }
  },
  views: [
    {
      name: 'report-not-shared',
      async open({ url }, open, words) {
        const page = await open(`${url}/report?state=loaded&from=2020-01`)
        await page.getByText(words.shareReport.noStatus).waitFor()
        await page.locator('.chart').waitFor()
        return page
      },
    },
    {
      name: 'share-report',
      screenshot: 'visible',
      async open({ url }, open, words) {
        const page = await open(`${url}/report`)
        await page.locator('.chart').waitFor()
        await page.getByRole('button', { name: words.shareReport.open }).click()
        await page.getByLabel(words.shareReport.title).fill('')
        await page.getByRole('button', { name: words.shareReport.submit, exact: true }).click()
        await page.getByText(words.faults.required(words.shareReport.title)).waitFor()
        return page
      },
    },
    { name: 'shared-report', screenshot: 'whole', open: ({ report }, open) => open(report) },
    { name: 'shared-report-gone', open: ({ reportGone }, open) => open(reportGone) },
    { name: 'shared-report-unknown', open: ({ url }, open) => open(`${url}/reports/none`) },
  ],
}
