import * as documents from '../../../dashboard/src/capabilities/import/documents'
import { importRoute } from '../../../dashboard/src/capabilities/import/route'
import { importDe } from '../../../dashboard/src/capabilities/import/words/de'
import { importEn } from '../../../dashboard/src/capabilities/import/words/en'
import { importFr } from '../../../dashboard/src/capabilities/import/words/fr'
import { importMenu } from '../../../dashboard/src/capabilities/import/words/menu'
import type { Grammar } from '../../../dashboard/src/words/grammar'
import type { DashboardCapability } from '../../support/view'

const en = (grammar: Grammar) => ({ ...importMenu.en(), ...importEn(grammar) })

declare module '../../support/view' {
  interface Words {
    import: ReturnType<typeof en>
  }
}

/**
 * Rows of a spreadsheet below a title: one is a duplicate, one has faults, one an ambiguous date (3/4/2026), one an
 * ambiguous sign, one the name of another in capitals, and one is a total. One column is unknown.
 */
const sheet = `Mentoring 2026
mentor_id,organisation_id,label,currency,period_from,period_to,sessions,avg_minutes,cost_per_session,cost_per_hour,phone
mentor-112,northside-youth,"Spring 2026, Year 9",GBP,2026-01-19,2026-03-27,25,40,8.25,31,07700 900112
mentor-113,northside-youth,"Spring 2026, Year 7",GBP,2026-01-19,2026-01-02,25.5,1500,-8.25,
mentor-114,open-doors,"Spring 2026, adults",EUR,3/4/2026,2026-06-12,12,45,£7.50,28
mentor-112,northside-youth,"Spring 2026, Year 9",GBP,2026-01-19,2026-03-27,25,40,8.25,31
mentor-115,open-doors,"Spring 2026, adults",,2026-01-19,2026-03-27,12,45,$7.50,28
MENTOR-112,northside-youth,"Spring 2026, Year 9",GBP,2026-01-19,2026-03-27,20,40,8.25,31
Total,,,,,,94,,,
`

/** Rows with every column. The first is a calculation that exists. */
const existingSheet = `mentor_id	organisation_id	label	currency	period_from	period_to	sessions	avg_minutes	cost_per_session	cost_per_hour	value_source	cost_per_hour_low	cost_per_hour_high	note	external_id
mentor-107	northside-youth	Spring 2026, Year 9 reading	GBP	2026-01-19	2026-03-27	25	40	8.25	31	ASHE 2025, teaching assistants, median	25	35.5	Preparation counts.	crm-1042
mentor-108	northside-youth	Spring 2026, Year 8 reading	GBP	2026-01-19	2026-03-27	20	40	9.50	31	ASHE 2025, teaching assistants, median	25	35.5		crm-1043
`
let imports = 0

export const dashboard: DashboardCapability = {
  documents,
  routes: [importRoute],
  words: {
    en: grammar => ({ import: en(grammar) }),
    de: grammar => ({ import: { ...importMenu.de(), ...importDe(grammar) } }),
    fr: grammar => ({ import: { ...importMenu.fr(), ...importFr(grammar) } }),
  },
  views: [
    {
      name: 'import',
      async open({ url }, open, words) {
        const page = await open(`${url}/import`)
        await page.getByLabel(words.import.paste, { exact: true }).waitFor()
        return page
      },
    },
    {
      name: 'import-rows',
      async open({ url }, open, words) {
        const page = await open(`${url}/import`)
        await page.getByLabel(words.import.paste, { exact: true }).fill(sheet)
        await page.getByRole('button', { name: words.import.read }).click()
        await page.getByText(words.import.sameAs(3)).waitFor()
        return page
      },
    },
    {
      name: 'import-existing',
      async open({ url }, open, words) {
        const page = await open(`${url}/import`)
        await page.getByLabel(words.import.paste, { exact: true }).fill(existingSheet)
        await page.getByRole('button', { name: words.import.read }).click()
        await page.getByText(words.import.alreadyExists, { exact: true }).waitFor()
        return page
      },
    },
    {
      name: 'import-undo',
      async open({ url }, open, words) {
        const page = await open(`${url}/import`)
        const [, head = '', row = ''] = sheet.split('\n')
        const text = `${head}\n${row.replace('mentor-112', `mentor-${++imports}`)}`
        await page.getByLabel(words.import.paste, { exact: true }).fill(text)
        await page.getByRole('button', { name: words.import.read }).click()
        await page.getByRole('button', { name: words.import.begin(1, 0) }).click()
        await page.getByRole('button', { name: words.import.undo }).click()
        await page.getByText(words.import.undoWhat(1)).waitFor()
        return page
      },
    },
  ],
}
